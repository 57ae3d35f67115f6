/*
 * Addresses that clients come from. What is shared out among clients is shared
 * out among these first. Private to the files of this folder.
 */
#ifndef CASEWORK_CONNECTION_PEER_H
#define CASEWORK_CONNECTION_PEER_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#include "network.h"

struct client;

/* An address with clients, or one of a trusted proxy with all of its own. */
struct peer {
	LIST_ENTRY(peer) list;
	char   source[NETWORK_TEXT];
	bool   proxy; /* one of settings->proxies */
	size_t clients;
	/* of connection_turn.c */
	TAILQ_HEAD(, client) waiting;
	TAILQ_ENTRY(peer) turn; /* while any wait */
	/* of connection_unsent.c */
	TAILQ_HEAD(, client) taking;
	TAILQ_ENTRY(peer) holder; /* while any take */
	size_t unsent;
};

/* The address, with one client more. */
struct peer *connection_peer_join(const char *source, bool is_proxy);
/* With one less. Without any it is forgotten. */
void connection_peer_leave(struct peer *);

#endif
