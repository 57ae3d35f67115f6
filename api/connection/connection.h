/*
 * Connections: reading requests one at a time, in order, and sending their
 * answers. Kore accepts and polls; everything said on the wire is ours.
 */
#ifndef CASEWORK_CONNECTION_H
#define CASEWORK_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>

#include "connection_handlers.h"
#include "connection_room.h"
#include "http_parse.h"
#include "network.h"
#include "wire.h"

struct client;
struct request;

struct connection_settings {
	long		clients;       /* at once */
	long		per_address;   /* of one address, or /64, at once */
	struct networks proxies;       /* they speak for many clients */
	long		unsent_memory; /* MiB of answers not taken yet */
};

/*
 * Starts the sweep of deadlines; call in each process. Both must stay.
 */
void connection_start(const struct connection_handlers *,
    const struct connection_settings *);

/*
 * Sends an answer and goes on with the next request of the connection. Must be
 * called exactly once for each start() or refuse() whose client has not left;
 * client is no longer the request's afterwards.
 */
void connection_reply(struct client *, const char *head, size_t head_len,
    const struct wire_body *, bool keep_alive);

/* From now on answers close their connection, and idle ones are closed. */
void connection_drain(void);
bool connection_draining(void);
#endif
