/*
 * Header fields of a message by name.
 */
#ifndef CASEWORK_HTTP_HEADERS_H
#define CASEWORK_HTTP_HEADERS_H

#include <stddef.h>

#include "arena.h"
#include "http_message.h"

/* The field of that name (any case), the first one; or NULL. */
const char *http_header(const struct http_message *, const char *name);
/* All lines of that name as one list (RFC 9110 5.3), in the arena; or NULL. */
const char *http_header_list(struct arena *, const struct http_message *,
    const char *name);

/*
 * For the parser: a sentence that names the header, if it has one value at most
 * and was seen before; NULL otherwise. seen starts at 0 and is the message's.
 */
const char *http_repeated(const char *name, size_t len, unsigned *seen);

#endif
