/*
 * One field line of a head or of trailers, and what values are made of: tokens,
 * quoted strings, parameters.
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
/* Of a token or a quoted string, which ends by then; 0 if it is neither. */
size_t http_value_length(const char *, size_t max);

/* name "=" ( token / quoted-string ), where it stands */
struct http_parameter {
	const char *name, *value; /* a quoted value with its quotes */
	size_t	    name_len, value_len;
};

/*
 * Takes the next of *( OWS ";" OWS [ parameter ] ) (RFC 9110 5.6.6) off a text
 * that a NUL ends. 1; 0: no more, *text is what follows; -1: it is malformed.
 */
int http_next_parameter(const char **text, struct http_parameter *);
/* Whether it has that name, which is in lower case, in any case. */
bool http_parameter_is(const struct http_parameter *, const char *name);
/* Its value without quotes, copied; false if it is longer. */
bool http_parameter_value(const struct http_parameter *, char *out,
    size_t size);

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
