/*
 * Messages of a client. For connection.c.
 */
#ifndef CASEWORK_CONNECTION_MESSAGE_H
#define CASEWORK_CONNECTION_MESSAGE_H

#include <stdbool.h>

struct client;
struct connection_handlers;
struct http_fault;

/* The handlers must stay. */
void connection_message_start(const struct connection_handlers *);
/*
 * Whether a message was taken from the buffer (it may be answered by now), or
 * the head of one whose body is large.
 */
bool connection_message_take(struct client *);
/* Reads on; whether there is something new to look at. */
bool connection_message_read(struct client *);
/*
 * It cannot be read, or not in time: somebody else words the answer. NULL: the
 * request that waits for it knows why.
 */
void connection_message_refuse(struct client *, const struct http_fault *);
/* It has been answered: the next one may come. */
void connection_message_finish(struct client *);

#endif
