/*
 * Memory of answers that wait to be sent. What a client does not take is kept
 * for it, but not at the cost of others.
 */
#ifndef CASEWORK_CONNECTION_UNSENT_H
#define CASEWORK_CONNECTION_UNSENT_H

#include <stddef.h>

struct client;

/* At most so many bytes in all. Who goes beyond them is given to leave(). */
void connection_unsent_start(size_t all, void (*leave)(struct client *));
/* So many are kept for the client now; 0 when it goes. */
void connection_unsent_count(struct client *, size_t bytes);

#endif
