/*
 * What a request asks of its connection while its body is on the way.
 */
#ifndef CASEWORK_HTTP_INPUT_H
#define CASEWORK_HTTP_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct http_conn;

/*
 * For a request that was started with a message that is not complete: its body
 * may come, of max bytes. received() or reject() is called then, unless the client leaves.
 */
void http_receive(struct http_conn *, size_t max);
/* Frees the memory of a large body; the message is without it then. */
void http_drop_body(struct http_conn *);

/* ---- for http.c ---- */

/* What came of trying to read. */
enum http_input {
	HTTP_READ,    /* bytes were read, or try once more */
	HTTP_NOTHING, /* there are none now, or the connection has gone */
	HTTP_FULL     /* there is no room for what the message needs */
};

enum http_input http_fill(struct http_conn *);
/* Makes the buffer so large, besides the NUL; len must fit. */
void http_resize(struct http_conn *, size_t);

#endif
