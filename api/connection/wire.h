/*
 * Sockets of clients, as system calls. Private to http.c.
 */
#ifndef CASEWORK_WIRE_H
#define CASEWORK_WIRE_H

#include <kore/kore.h>

#include <stdbool.h>

#include "http.h"

/* Sends at once what the socket takes and queues the rest; false: broken. */
bool wire_send(struct connection *, const char *head, size_t head_len,
    const struct http_body *);
/* A reset; a client that only sends no more still waits for its answer. */
bool wire_has_left(const struct connection *);
/*
 * Says that no more is coming and drops what the client still sends: closing
 * on unread input sends a reset, which can overtake the answer. False once
 * there is nothing left to wait for.
 */
bool wire_linger(const struct connection *);

#endif
