/*
 * The hash of tables in memory. Its key is of this process and secret: nobody
 * can choose texts that fall on one place.
 */
#ifndef CASEWORK_HASH_H
#define CASEWORK_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t hash_bytes(const char *, size_t);

#endif
