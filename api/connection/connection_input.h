/*
 * What a request asks of its connection while its body is on the way.
 */
#ifndef CASEWORK_CONNECTION_INPUT_H
#define CASEWORK_CONNECTION_INPUT_H

#include <stdbool.h>
#include <stddef.h>

struct client;

/*
 * For a request that was started with a message that is not complete: its body
 * may come, of max bytes. received() or reject() is called
 * then, unless the client leaves. Received it is when all of it is here or, if
 * part is not 0, as soon as so many bytes are.
 */
void connection_receive(struct client *, size_t max, size_t part);
/* The part at hand, if any, is not needed any more: the next one may come. */
void connection_receive_on(struct client *);
/* Frees the memory of a large body; the message is without it then. */
void connection_drop_body(struct client *);

/* ---- for connection.c ---- */

/* What came of trying to read. */
enum connection_input {
	INPUT_READ,    /* bytes were read, or try once more */
	INPUT_NOTHING, /* there are none now, or the connection has gone */
	INPUT_FULL,    /* there is no room for what the message needs */
	INPUT_CROWDED  /* others hold the memory that it needs */
};

enum connection_input connection_fill(struct client *);
/* Makes the buffer so large, besides the NUL; len must fit. */
void connection_resize(struct client *, size_t);

#endif
