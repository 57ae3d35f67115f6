/*
 * Connections: reading requests one at a time, in order, and sending their
 * answers. Kore accepts and polls; everything said on the wire is ours.
 */
#ifndef CASEWORK_HTTP_H
#define CASEWORK_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "http_parse.h"
#include "wire.h"

struct http_conn;
struct request;

/*
 * Who answers. A message is valid until http_reply(). One with a large body is
 * not complete: refused, or continued by http_receive().
 */
struct http_handlers {
	/* The request; not to be used if it has been answered meanwhile. */
	struct request *(*start)(struct http_conn *,
	    const struct http_message *);
	/* A message that could not be read; the answer closes the connection. */
	void (*refuse)(struct http_conn *, const struct http_fault *);
	/* The body is complete. */
	void (*received)(struct request *);
	/* The body could not be read; the answer closes the connection. */
	void (*reject)(struct request *, const struct http_fault *);
	/* The client has left: its connection is not to be used any more. */
	void (*abandon)(struct request *);
};

/*
 * Starts the sweep of deadlines; call in each worker. The handlers must stay;
 * clients_max connections at once are Kore's limit, near which idle ones go.
 */
void http_start(const struct http_handlers *, unsigned clients_max);

/*
 * Sends an answer and goes on with the next request of the connection. Must
 * be called exactly once for each start() or refuse() whose client has not left; conn is no longer the request's afterwards.
 */
void http_reply(struct http_conn *, const char *head, size_t head_len,
    const struct http_body *, bool keep_alive);

/* From now on answers close their connection, and idle ones are closed. */
void http_drain(void);
bool http_draining(void);
/* All connections of this worker. */
unsigned http_connected(void);
/* Connections whose request has not been answered. */
unsigned http_busy(void);

#endif
