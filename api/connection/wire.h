/*
 * Sockets of clients, as system calls, and what is sent on them.
 */
#ifndef CASEWORK_WIRE_H
#define CASEWORK_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct connection; /* Kore's */
struct iovec;

/*
 * What follows the head of an answer: bytes, copied where they cannot be sent
 * at once unless they are there for ever, or parts, which are lent until
 * release(owner).
 */
struct wire_body {
	size_t		    len; /* of all of it */
	const char	   *bytes;
	bool		    lasting; /* bytes are never freed */
	const struct iovec *part;    /* not 0 of them, or NULL */
	size_t		    nparts;
	void (*release)(void *);
	void *owner;
};

/* For a listening socket: what the kernel keeps for one of its clients. */
void wire_listen(int fd);
/*
 * Sends at once what the socket takes and queues the rest; false: broken. The
 * memory of what was copied for that is added to unsent.
 */
bool wire_send(struct connection *, const char *head, size_t head_len,
    const struct wire_body *, size_t *unsent);
/* Whether something is queued that the socket may take. */
bool wire_may_push(const struct connection *);
/*
 * Sends of the queue what one write takes; false: broken. The memory of what is
 * not needed any more is subtracted.
 */
bool wire_push(struct connection *, size_t *unsent);
/* Whether at least so many bytes are queued. */
bool wire_owes(const struct connection *, size_t bytes);
/* Bytes that the other end has acknowledged, ever. */
uint64_t wire_taken(const struct connection *);
/* Whether those are all that wire_finish() has ended: closing destroys none. */
bool wire_has_arrived(const struct connection *);
/* A reset; a client that only sends no more still waits for its answer. */
bool wire_has_left(const struct connection *);
/* Says that no more is coming. */
void wire_finish(const struct connection *);
/* Closing will send a reset: the kernel keeps nothing for this client. */
void wire_reset(const struct connection *);

enum wire_waste {
	WASTE_ALL,  /* all that was there is gone */
	WASTE_MORE, /* there may be more */
	WASTE_END   /* nothing will come */
};

/*
 * Drops what the client still sends, as much of it as one turn may take:
 * closing on unread input sends a reset, which can overtake the answer.
 */
enum wire_waste wire_drop(const struct connection *);

#endif
