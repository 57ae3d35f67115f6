/*
 * Sockets of clients, as system calls, and what is sent on them.
 */
#ifndef CASEWORK_WIRE_H
#define CASEWORK_WIRE_H

#include <stdbool.h>
#include <stddef.h>

struct connection; /* Kore's */
struct iovec;

/*
 * What follows the head of an answer: bytes, copied where they cannot be sent
 * at once, or parts, which are lent until release(owner).
 */
struct wire_body {
	size_t		    len; /* of all of it */
	const char	   *bytes;
	const struct iovec *part; /* not 0 of them, or NULL */
	size_t		    nparts;
	void (*release)(void *);
	void *owner;
};

/* Sends at once what the socket takes and queues the rest; false: broken. */
bool wire_send(struct connection *, const char *head, size_t head_len,
    const struct wire_body *);
/* A reset; a client that only sends no more still waits for its answer. */
bool wire_has_left(const struct connection *);
/*
 * Says that no more is coming and drops what the client still sends: closing
 * on unread input sends a reset, which can overtake the answer. False once
 * there is nothing left to wait for.
 */
bool wire_linger(const struct connection *);

#endif
