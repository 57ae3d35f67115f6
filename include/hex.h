/*
 * Bytes as hexadecimal digits.
 */
#ifndef CASEWORK_HEX_H
#define CASEWORK_HEX_H

#include <stddef.h>

/*
 * Writes 2 * len digits in lower case and a NUL; returns where the NUL is, so
 * that text can follow.
 */
char *hex_encode(char *out, const void *bytes, size_t len);

#endif
