/*
 * Strong entity-tags (RFC 9110): those of documents that have no version, and
 * the lists that clients send. Pure.
 */
#ifndef CASEWORK_ETAG_H
#define CASEWORK_ETAG_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

#define ETAG_SIZE (2 + 2 * 16 + 1) /* quotes, 128 bits in hex, NUL */

/* Writes the tag of these bytes, with its quotes, to out and returns out. */
char *etag_of(char *out, const void *bytes, size_t len);
/* Whether If-None-Match names the etag (RFC 9110 13.1.2). */
bool etag_matches(const char *if_none_match, const char *etag);
/*
 * Turns If-Match into a bigint[] text of the versions that it names; NULL for
 * "*". False where it is no list of entity tags, as 5 without quotes is none.
 */
bool etag_match_array(struct arena *, const char *if_match, const char **);
/*
 * Turns If-None-Match into a text[] of what stands in the quotes; {*} is all.
 */
const char *etag_none_match_array(struct arena *, const char *if_none_match);

#endif
