/*
 * One field line of a head or of trailers, and the characters of names.
 */
#ifndef CASEWORK_HTTP_FIELD_H
#define CASEWORK_HTTP_FIELD_H

#include <stdbool.h>
#include <stddef.h>

#include "http_message.h"

/* tchar of RFC 9110 5.6.2 */
bool http_is_tchar(char);
/* Whether all of it is, and there is something. */
bool http_is_token(const char *, size_t len);
/*
 * Cuts the line that ends before eol into name and value, in place. NULL, or a
 * sentence that says what is wrong with it.
 */
const char *http_field_read(char *line, char *eol, struct http_header *);

/*
 * Whether a field may follow a chunked body (RFC 9110 6.5.1): none that says
 * where a message ends, goes or comes from, what it means or who sends it. What
 * may follow is dropped, but another reader could have taken it for a header.
 */
bool http_may_trail(const char *name);

#endif
