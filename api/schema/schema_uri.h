/*
 * The format uri.
 */
#ifndef CASEWORK_SCHEMA_URI_H
#define CASEWORK_SCHEMA_URI_H

#include <stdbool.h>
#include <stddef.h>

/* Whether a text of len bytes, behind which a NUL stands, is an absolute URI
   (RFC 3986); of http and https, one with a host. */
bool schema_uri(const char *, size_t len);

#endif
