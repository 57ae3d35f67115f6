/*
 * Paths and queries (RFC 3986): percent-decoding that yields valid UTF-8
 * without control characters, or nothing.
 */
#ifndef CASEWORK_URI_H
#define CASEWORK_URI_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

/* Where text stands: + is a space but in a path; values of forms and of queries
   hold lines (URI_FORM). */
enum uri_place { URI_PATH, URI_QUERY, URI_FORM };

/* One piece, percent-decoded, in the arena; NULL if it is no such text. */
const char *uri_decode(struct arena *, const char *, size_t, enum uri_place);

/* Splits at slashes, then decodes. False: too many segments, or bad text. */
bool uri_split_path(struct arena *, const char *path, const char **segments,
    size_t max, size_t *count);

/* A name=value of a query, as it was sent: + is a space (URI_QUERY). */
struct uri_pair {
	const char *name, *value;
	size_t	    name_len, value_len;
};

/* Takes the next one off *query, which moves on. False at the end. */
bool uri_next_pair(const char **query, struct uri_pair *);

/* How many such pairs there are, at the price of a look at each byte. */
size_t uri_count_pairs(const char *query);

/* UTF-8 without control characters. */
bool uri_is_text(const char *);

/* Percent-encodes everything but unreserved characters, into the arena. */
const char *uri_encode(struct arena *, const char *);
/* What was sent encoded, fit for a link: it decodes to the same. */
const char *uri_encode_sent(struct arena *, const char *, size_t);

#endif
