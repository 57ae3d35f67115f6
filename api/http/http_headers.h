/*
 * Header fields of a message by name.
 */
#ifndef CASEWORK_HTTP_HEADERS_H
#define CASEWORK_HTTP_HEADERS_H

#include <stddef.h>

#include "arena.h"
#include "http_message.h"

/* Of Accept, If-Match and the like, in all of their lines. */
#define HTTP_LIST_MAX 100 /* members */
#define HTTP_KNOWN    13  /* fields whose number is limited */

/* What a message has of them; all zero at its start. */
struct http_seen {
	size_t members[HTTP_KNOWN];
	size_t bytes[HTTP_KNOWN];
};

/* The field of that name (any case), the first one; or NULL. */
const char *http_header(const struct http_message *, const char *name);
/* All lines of that name as one list (RFC 9110 5.3), in the arena; or NULL. */
const char *http_header_list(struct arena *, const struct http_message *,
    const char *name);

/* ---- for the parser ---- */

/*
 * Counts a field of the head. A sentence and a status if it has one value at
 * most and was seen before, or if its list is too long; NULL otherwise.
 */
const char *http_count_field(const struct http_header *, struct http_seen *,
    int *status);

#endif
