/*
 * The life of a connection on top of Kore's event loop. Each connection has
 * one buffer and at most one request in progress; what a client sends ahead
 * waits in the buffer or in the kernel, so answers keep their order. Kore
 * registers sockets edge triggered: a READ flag stays set until a read came
 * back short.
 */
#include <stdlib.h>

#include "client.h"
#include "connection.h"
#include "connection_message.h"
#include "connection_room.h"
#include "connection_source.h"
#include "connection_turn.h"
#include "connection_unsent.h"
#include "wire.h"

#define SWEEP_MS 500
/* Of a sweep. So many are told that they were too slow, the others are closed:
   a crowd that comes for the answer gets none. */
#define TOLD_MAX 16

void connection_accepted(struct connection *); /* named to kore_server_bind */

static bool	draining;
static unsigned told;

static const struct connection_handlers *handlers;
static const struct connection_settings *settings;

static void on_event(void *, int);
static void on_disconnect(struct connection *);
static void run_now_or_later(struct client *);
static void run(struct client *);
static bool may_go_on(const struct client *);
static bool close_down(struct client *);
static void sweep(void *, u_int64_t);
static void late(struct client *);
static void end(struct client *, enum connection_end);
static void make_room(struct client *);
static void make_memory(struct client *);
static void drain(struct client *);

void
connection_start(const struct connection_handlers *given_handlers,
    const struct connection_settings		  *given_settings)
{
	handlers = given_handlers;
	settings = given_settings;
	connection_room_start((size_t)settings->clients,
	    (size_t)settings->per_address, make_room);
	connection_source_start(&settings->proxies);
	connection_message_start(given_handlers);
	connection_turn_start(run);
	connection_unsent_start((size_t)settings->unsent_memory << 20,
	    make_memory);
	kore_timer_add(sweep, SWEEP_MS, NULL, 0);
}

/* A newcomer without room is told nothing: that is what costs least. */
void
connection_accepted(struct connection *c)
{
	struct client	   *client;
	struct peer	   *peer;
	enum connection_end why;
	char		    source[NETWORK_TEXT];
	bool		    is_proxy = connection_source_find(c, source);

	c->evt.handle = on_event;
	c->idle_timer.length = UINT64_MAX; /* sweep() does time-outs */
	if (connection_count() >= settings->clients)
		kore_worker_make_busy(); /* others may have room */
	peer = connection_peer_join(source, is_proxy);
	if (!connection_room_take(peer, &why)) {
		connection_peer_leave(peer);
		handlers->ended(why);
		wire_reset(c);
		kore_connection_disconnect(c);
		return;
	}
	client = kore_calloc(1, sizeof(*client));
	client->kore = c;
	client->size = HTTP_BUFFER_START;
	client->buf = kore_malloc(client->size + 1);
	client->peer = peer;
	c->hdlr_extra = client;
	c->disconnect = on_disconnect;
	connection_room_add(client);
}

void
connection_reply(struct client *client, const char *head, size_t head_len,
    const struct wire_body *body, bool keep_alive)
{
	struct connection *c = client->kore;
	size_t		   unsent = client->unsent;

	client->busy = client->receiving = false;
	client->request = NULL;
	client->steps += (unsigned)((head_len + body->len) / CLIENT_STEP_BYTES);
	if (!keep_alive)
		client->closing = true;
	if (!client->message.complete)
		client->at = client->len = 0;

	if (!wire_send(c, head, head_len, body, &unsent)) {
		kore_connection_disconnect(c);
		return;
	}
	connection_unsent_count(client, unsent);

	connection_message_finish(client);
	if (!client->running)
		run_now_or_later(client);
}

void
connection_drain(void)
{
	draining = true;
	connection_room_each(drain);
}

bool
connection_draining(void)
{
	return draining;
}

/*
 * error: also set when only the client's sending side is closed. Who has used
 * all of its last turn or has more to take waits for the next: many of those
 * that take as much as they get, woken at once, would hold up who asks for
 * little.
 */
static void
on_event(void *arg, int error)
{
	struct connection *c = arg;
	struct client	  *client = c->hdlr_extra;

	if (c->state == CONN_STATE_DISCONNECTING)
		return;
	if (error) {
		client->hangup = true;
		c->evt.flags |= KORE_EVENT_READ;
		if (client->busy && wire_has_left(c)) {
			kore_connection_disconnect(c);
			return;
		}
	}
	if (client->steps >= CLIENT_STEPS || wire_may_push(c))
		connection_turn_wait(client);
	if (!client->running)
		run_now_or_later(client);
}

/* Whoever comes when a turn has done enough waits for the queue. */
static void
run_now_or_later(struct client *client)
{
	if (connection_turn_is_over())
		connection_turn_wait(client);
	if (client->waiting)
		connection_place(client);
	else
		run(client);
}

static void
on_disconnect(struct connection *c)
{
	struct client *client = c->hdlr_extra;

	if (client->busy && client->request != NULL)
		handlers->abandon(client->request);
	client->busy = client->receiving = false;
	client->request = NULL;
	connection_turn_leave(client);
	connection_unsent_count(client, 0);
	connection_room_give(client);
	connection_peer_leave(client->peer);
	client->peer = NULL;
	kore_free(client->buf);
	client->buf = NULL;
}

/*
 * Sends what waits, then takes requests from the connection until one has to
 * wait, the client has too many answers to take, or it is the others' turn.
 */
static void
run(struct client *client)
{
	struct connection *c = client->kore;
	size_t		   unsent = client->unsent;
	bool		   more = true;

	client->running = true;
	client->steps = 0;
	while (client->steps < CLIENT_STEPS && wire_may_push(c)) {
		client->steps++;
		if (!wire_push(c, &unsent))
			kore_connection_disconnect(c);
	}
	if (c->state != CONN_STATE_DISCONNECTING)
		connection_unsent_count(client, unsent);
	while (more && client->steps < CLIENT_STEPS && may_go_on(client)) {
		client->steps++;
		more = client->closing ? close_down(client) :
					 connection_message_take(client) ||
			connection_message_read(client);
	}
	if ((more && may_go_on(client)) || wire_may_push(c))
		connection_turn_wait(client);
	client->running = false;
	connection_turn_count(client->steps);
	if (c->state != CONN_STATE_DISCONNECTING)
		connection_place(client);
}

static bool
may_go_on(const struct client *client)
{
	return client->kore->state != CONN_STATE_DISCONNECTING &&
	    (!client->busy || client->receiving) &&
	    !wire_owes(client->kore, client->closing ? 1 : CLIENT_UNSENT_MAX);
}

/*
 * Closes, with everything sent. What the client still sends is read and dropped
 * for a while, the rest of a refused request or further ones: closing on unread
 * input sends a reset, which can overtake the answer. Whether there is more to
 * drop.
 */
static bool
close_down(struct client *client)
{
	enum wire_waste waste;

	if (!client->finished)
		wire_finish(client->kore);
	client->finished = true;
	waste = wire_drop(client->kore);
	if (waste == WASTE_END)
		kore_connection_disconnect(client->kore);
	return waste == WASTE_MORE;
}

static void
sweep(void *arg, u_int64_t now)
{
	(void)arg;
	told = 0;
	connection_room_sweep(now, late);
	if (draining)
		connection_room_each(drain);
}

/* A silent connection is closed, a slow request is told so. */
static void
late(struct client *client)
{
	static const struct http_fault slow = { 408,
		"The request did not arrive in time." };

	switch (client->state) {
	case CLIENT_HEAD:
	case CLIENT_BODY:
	case CLIENT_RECEIVING:
		if (told < TOLD_MAX) {
			told++;
			handlers->ended(CONNECTION_SLOW);
			connection_message_refuse(client, &slow);
			return;
		}
		end(client, CONNECTION_SLOW);
		break;
	case CLIENT_TAKING:
		end(client, CONNECTION_SLOW);
		break;
	default:
		kore_connection_disconnect(client->kore);
	}
}

/* What it does not take is not kept for it in the kernel either. */
static void
end(struct client *client, enum connection_end why)
{
	handlers->ended(why);
	if (client->state == CLIENT_TAKING)
		wire_reset(client->kore);
	kore_connection_disconnect(client->kore);
}

/* At the limit, for somebody new. */
static void
make_room(struct client *client)
{
	end(client, CONNECTION_ROOM);
}

/* At the bound of what is kept, for the answers of others. */
static void
make_memory(struct client *client)
{
	handlers->ended(CONNECTION_UNSENT);
	wire_reset(client->kore);
	kore_connection_disconnect(client->kore);
}

static void
drain(struct client *client)
{
	if (client->busy || client->begun || client->closing)
		return;
	client->closing = true;
	run(client);
}
