/*
 * A hash table of the addresses that have clients, and of no others.
 */
#include <kore/kore.h>

#include <string.h>

#include "connection_peer.h"
#include "hash.h"

#define PLACES 1024

static LIST_HEAD(, peer) places[PLACES];

struct peer *
connection_peer_join(const char *source, bool is_proxy)
{
	const size_t place = hash_bytes(source, strlen(source)) % PLACES;
	struct peer *peer;

	/* A proxy is one of its own, whoever else comes from its network. */
	LIST_FOREACH (peer, &places[place], list)
		if (strcmp(peer->source, source) == 0 &&
		    peer->proxy == is_proxy)
			break;
	if (peer == NULL) {
		peer = kore_calloc(1, sizeof(*peer));
		strcpy(peer->source, source);
		peer->proxy = is_proxy;
		TAILQ_INIT(&peer->waiting);
		TAILQ_INIT(&peer->taking);
		LIST_INSERT_HEAD(&places[place], peer, list);
	}
	peer->clients++;
	return peer;
}

void
connection_peer_leave(struct peer *peer)
{
	if (--peer->clients > 0)
		return;
	LIST_REMOVE(peer, list);
	kore_free(peer);
}
