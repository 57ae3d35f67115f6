/*
 * Bytes that were copied to be sent later; what is lent is counted by who lends
 * it. Addresses share them: one that is not a proxy holds a quarter of all at
 * most, and where all are held the first to make room is the one with most.
 * Of its clients the one goes that has been taking longest without finishing.
 * The only answer that an address waits for stays, unless all are held.
 */
#include "client.h"
#include "connection_unsent.h"

static void	      make_room(void *, u_int64_t);
static struct client *next_to_go(void);

static TAILQ_HEAD(, peer) holders = TAILQ_HEAD_INITIALIZER(holders);
static size_t all, each, held;
static void (*leave_for_room)(struct client *);
static bool due; /* make_room() */

void
connection_unsent_start(size_t bytes, void (*leave)(struct client *))
{
	all = bytes;
	each = bytes / 4;
	leave_for_room = leave;
}

/* Requests may be ended only between the events of others, hence a timer. */
void
connection_unsent_count(struct client *client, size_t bytes)
{
	struct peer *peer = client->peer;
	const size_t before = client->unsent;

	if (bytes == before)
		return;
	client->unsent = bytes;
	held += bytes - before;
	peer->unsent += bytes - before;
	if (before == 0 && TAILQ_EMPTY(&peer->taking))
		TAILQ_INSERT_TAIL(&holders, peer, holder);
	if (before > bytes) /* it has finished one, maybe not the last */
		TAILQ_REMOVE(&peer->taking, client, taking);
	if (before == 0 || (before > bytes && bytes > 0))
		TAILQ_INSERT_TAIL(&peer->taking, client, taking);
	if (TAILQ_EMPTY(&peer->taking))
		TAILQ_REMOVE(&holders, peer, holder);
	if (due || (held <= all && (peer->proxy || peer->unsent <= each)))
		return;
	due = true;
	kore_timer_add(make_room, 0, NULL, KORE_TIMER_ONESHOT);
}

static void
make_room(void *arg, u_int64_t now)
{
	struct client *client;

	(void)arg;
	(void)now;
	due = false;
	while ((client = next_to_go()) != NULL)
		leave_for_room(client);
}

/* Looks at each address that holds some, for each client that goes: less work
   than the answers of either were. */
static struct client *
next_to_go(void)
{
	struct peer   *peer, *most = NULL, *over = NULL;
	struct client *first;

	TAILQ_FOREACH (peer, &holders, holder) {
		if (most == NULL || peer->unsent > most->unsent)
			most = peer;
		first = TAILQ_FIRST(&peer->taking);
		if (!peer->proxy && peer->unsent > each &&
		    TAILQ_NEXT(first, taking) != NULL)
			over = peer;
	}
	if (over == NULL && held > all)
		over = most;
	return over == NULL ? NULL : TAILQ_FIRST(&over->taking);
}
