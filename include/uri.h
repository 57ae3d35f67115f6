/*
 * Paths and queries (RFC 3986): percent-decoding that yields valid UTF-8
 * without control characters, or nothing.
 */
#ifndef CASEWORK_URI_H
#define CASEWORK_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* Splits at slashes, then decodes. False: too many segments, or bad text. */
bool uri_split_path(struct arena *, const char *path, const char **segments,
    size_t max, size_t *count);

/*
 * Takes the next name=value off *query, which moves on; + is a space. False
 * at the end. A name of NULL means that the pair cannot be decoded.
 */
bool uri_next_pair(struct arena *, const char **query, const char **name,
    const char **value);

/* Percent-encodes everything but unreserved characters, into the arena. */
const char *uri_encode(struct arena *, const char *);

#endif
