/*
 * Strong entity-tags of documents that have no version.
 */
#ifndef CASEWORK_ETAG_H
#define CASEWORK_ETAG_H

#include <stddef.h>

#define ETAG_SIZE (2 + 2 * 16 + 1) /* quotes, 128 bits in hex, NUL */

/* Writes the tag of these bytes, with its quotes, to out and returns out. */
char *etag_of(char *out, const void *bytes, size_t len);

#endif
