/*
 * Clients by state. A state has a deadline, and a place in the order in which
 * clients go when somebody new comes in and there is no room: first who has
 * not sent a whole message, then who has nothing to do, then who does not take
 * its answers, then whose large body is on its way: nothing is done for it yet.
 * A request in progress stays. In each place the oldest come first, so whoever
 * opens connections to hold them pushes out its own.
 *
 * Some places are for those who arrive: where all others are idle, each
 * newcomer would push out the one before, whose request is on its way.
 */
#include "client.h"
#include "connection_room.h"
#include "log.h"
#include "wire.h"

/* Kore counts a connection that is closed until the end of the turn. */
_Static_assert(CONNECTION_SPARE >= 2 * 16, "Kore accepts 16 a turn");

#define ARRIVING 8 /* of all places one in so many, for those who arrive */

enum place { UNFINISHED, IDLE, LEAVING, TAKING, RECEIVING, STAYS, PLACES };

/* paced: begins anew whenever HTTP_PACE_BYTES have moved in its time. */
static const struct {
	enum place place;
	uint64_t   ms;
	bool	   paced;
} states[CLIENT_STATES] = {
	[CLIENT_NEW] = { UNFINISHED, HTTP_IDLE_MS, false },
	[CLIENT_HEAD] = { UNFINISHED, HTTP_HEAD_MS, false },
	[CLIENT_BODY] = { UNFINISHED, HTTP_PACE_MS, true },
	[CLIENT_IDLE] = { IDLE, HTTP_IDLE_MS, false },
	[CLIENT_LEAVING] = { LEAVING, HTTP_LINGER_MS, false },
	[CLIENT_TAKING] = { TAKING, HTTP_PACE_MS, true },
	[CLIENT_RECEIVING] = { RECEIVING, HTTP_PACE_MS, true },
	[CLIENT_BUSY] = { STAYS, 0, false }, /* the database has its own */
};

static enum client_state state_of(const struct client *);
static uint64_t		 moved(const struct client *);
static void		 set_deadline(struct client *, uint64_t);
static bool		 make_room(void);

TAILQ_HEAD(clients, client);
static struct clients places[PLACES];
static size_t	      nclients, nunfinished, nbusy, max, max_each;
static void (*leave_for_room)(struct client *);
static bool full, was_full; /* since the last sweep, before it */

void
connection_room_start(size_t clients, size_t per_address,
    void (*leave)(struct client *))
{
	size_t i;

	for (i = 0; i < PLACES; i++)
		TAILQ_INIT(&places[i]);
	max = clients;
	leave_for_room = leave;
	max_each = per_address;
}

bool
connection_room_take(const struct peer *peer, enum connection_end *why)
{
	if (!peer->proxy && peer->clients > max_each) {
		*why = CONNECTION_ADDRESS;
		return false;
	}
	if (nclients < max)
		return true;
	full = true;
	if (make_room())
		return true;
	*why = CONNECTION_FULL;
	return false;
}

static bool
make_room(void)
{
	size_t i = nunfinished > max / ARRIVING ? UNFINISHED : IDLE;

	while (i < STAYS && TAILQ_EMPTY(&places[i]))
		i++;
	if (i == STAYS)
		i = UNFINISHED;
	if (TAILQ_EMPTY(&places[i]))
		return false;
	leave_for_room(TAILQ_FIRST(&places[i]));
	return true;
}

void
connection_room_add(struct client *client)
{
	nclients++;
	nunfinished++;
	client->state = CLIENT_NEW;
	TAILQ_INSERT_TAIL(&places[UNFINISHED], client, list);
	connection_place(client);
}

void
connection_room_give(struct client *client)
{
	nclients--;
	nunfinished -= states[client->state].place == UNFINISHED;
	nbusy -= states[client->state].place >= TAKING;
	TAILQ_REMOVE(&places[states[client->state].place], client, list);
}

void
connection_place(struct client *client)
{
	const enum client_state state = state_of(client);
	const enum place	was = states[client->state].place,
			 is = states[state].place;

	if (state == client->state && client->deadline != 0)
		return;
	if (was != is || client->deadline == 0) {
		TAILQ_REMOVE(&places[was], client, list);
		TAILQ_INSERT_TAIL(&places[is], client, list);
		nunfinished += (is == UNFINISHED) - (was == UNFINISHED);
		nbusy += (is >= TAKING) - (was >= TAKING);
	}
	client->state = state;
	set_deadline(client, kore_time_ms());
}

static enum client_state
state_of(const struct client *client)
{
	if (client->busy)
		return client->receiving ? CLIENT_RECEIVING : CLIENT_BUSY;
	if (!TAILQ_EMPTY(&client->kore->send_queue))
		return CLIENT_TAKING;
	if (client->closing)
		return wire_has_arrived(client->kore) ? CLIENT_LEAVING :
							CLIENT_TAKING;
	if (client->parser.head_checked)
		return CLIENT_BODY;
	if (client->begun)
		return CLIENT_HEAD;
	return client->served ? CLIENT_IDLE : CLIENT_NEW;
}

static void
set_deadline(struct client *client, uint64_t now)
{
	client->deadline = states[client->state].ms == 0 ?
	    UINT64_MAX :
	    now + states[client->state].ms;
	if (states[client->state].paced)
		client->mark = moved(client);
}

/*
 * In the direction that the client is waited for: bytes that it has taken, or
 * those of its message. What frames chunks does not count.
 */
static uint64_t
moved(const struct client *client)
{
	const struct http_parser *p = &client->parser;

	if (client->state == CLIENT_TAKING)
		return wire_taken(client->kore);
	return p->chunked ? p->body_len + client->len - p->raw :
			    p->taken + client->len;
}

void
connection_room_sweep(uint64_t now, void (*late)(struct client *))
{
	struct client *client, *next;
	size_t	       i;

	if (full && !was_full)
		log_event("connections_full", NULL,
		    "those that do least are closed for new ones");
	was_full = full;
	full = false;
	for (i = 0; i < PLACES; i++)
		for (client = TAILQ_FIRST(&places[i]); client != NULL;
		     client = next) {
			next = TAILQ_NEXT(client, list);
			if (client->finished)
				connection_place(client); /* it may have all */
			if (now < client->deadline)
				continue;
			if (states[client->state].paced &&
			    moved(client) >= client->mark + HTTP_PACE_BYTES)
				set_deadline(client, now);
			else
				late(client);
		}
}

void
connection_room_each(void (*each)(struct client *))
{
	struct client *client, *next;
	size_t	       i;

	for (i = 0; i < PLACES; i++)
		for (client = TAILQ_FIRST(&places[i]); client != NULL;
		     client = next) {
			next = TAILQ_NEXT(client, list);
			each(client);
		}
}

unsigned
connection_count(void)
{
	return (unsigned)nclients;
}

unsigned
connection_count_busy(void)
{
	return (unsigned)nbusy;
}
