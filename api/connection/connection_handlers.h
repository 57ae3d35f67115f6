/*
 * Whom connections are given to.
 */
#ifndef CASEWORK_CONNECTION_HANDLERS_H
#define CASEWORK_CONNECTION_HANDLERS_H

#include <stdbool.h>
#include <stddef.h>

#include "connection_room.h"

struct client;
struct http_fault;
struct http_message;
struct request;

/*
 * Who answers. A message is valid until connection_reply(). One with a large
 * body is not complete: refused, or continued by connection_receive().
 */
struct connection_handlers {
	/* The request; not to be used if it has been answered meanwhile. */
	struct request *(*start)(struct client *, const struct http_message *);
	/*
	 * A message that could not be read; the answer closes the connection.
	 */
	void (*refuse)(struct client *, const struct http_fault *);
	/*
	 * The body is complete. Or a part of it is here, where it is taken in
	 * parts: the message's body until connection_receive_on().
	 */
	void (*received)(struct request *);
	/*
	 * Whether the buffer of a body that connection_receive() reads may
	 * have so many bytes; asked as they come. If not, reject() follows.
	 */
	bool (*may_grow)(struct request *, size_t bytes);
	/*
	 * The body could not be read; the answer closes the connection. No
	 * fault: may_grow() has found it.
	 */
	void (*reject)(struct request *, const struct http_fault *);
	/* The client has left: its connection is not to be used any more. */
	void (*abandon)(struct request *);
	/* To be counted. */
	void (*ended)(enum connection_end);
};

#endif
