/*
 * The life of a connection on top of Kore's event loop. Each connection has
 * one buffer and at most one request in progress; what a client sends ahead
 * waits in the buffer or in the kernel, so answers keep their order. Kore
 * registers sockets edge triggered: a READ flag stays set until a read came
 * back short.
 */
#include <stdlib.h>
#include <string.h>

#include "client.h"
#include "connection.h"
#include "connection_input.h"
#include "log.h"
#include "wire.h"

#define SWEEP_MS     500
#define ROOM_PART    4	  /* of all connections are closed in a sweep … */
#define ROOM_IDLE_MS 1000 /* … of those that have been idle so long */

void connection_accepted(struct connection *); /* named to kore_server_bind */

/* Those that have been silent longest come first. */
static TAILQ_HEAD(, client) clients = TAILQ_HEAD_INITIALIZER(clients);
static unsigned nbusy;
static bool	draining;

static const struct connection_handlers *handlers;
static const struct connection_settings *settings;

static void find_source(struct client *);
static void on_event(void *, int);
static void on_disconnect(struct connection *);
static void close_down(struct client *);
static bool fill(struct client *);
static bool next_message(struct client *);
static void start(struct client *);
static void finish_message(struct client *);
static void refuse(struct client *, const struct http_fault *);
static void sweep(void *, u_int64_t);
static void make_room(u_int64_t);

void
connection_start(const struct connection_handlers *given_handlers,
    const struct connection_settings		  *given_settings)
{
	handlers = given_handlers;
	settings = given_settings;
	kore_timer_add(sweep, SWEEP_MS, NULL, 0);
}

void
connection_accepted(struct connection *c)
{
	struct client *client;

	client = kore_calloc(1, sizeof(*client));
	client->kore = c;
	client->size = HTTP_BUFFER_START;
	client->buf = kore_malloc(client->size + 1);
	client->deadline = kore_time_ms() + HTTP_IDLE_MS;
	find_source(client);
	TAILQ_INSERT_TAIL(&clients, client, list);

	c->hdlr_extra = client;
	c->disconnect = on_disconnect;
	c->evt.handle = on_event;
	c->idle_timer.length = UINT64_MAX; /* sweep() does time-outs */
}

void
connection_reply(struct client *client, const char *head, size_t head_len,
    const struct wire_body *body, bool keep_alive)
{
	struct connection *c = client->kore;

	client->busy = client->receiving = false;
	client->request = NULL;
	nbusy--;
	if (!keep_alive)
		client->closing = true;
	if (!client->message.complete) {
		client->linger = true;
		client->len = 0;
	}

	if (!wire_send(c, head, head_len, body)) {
		kore_connection_disconnect(c);
		return;
	}

	finish_message(client);
	client->deadline += body->len / HTTP_SLOWEST;
	TAILQ_REMOVE(&clients, client, list);
	TAILQ_INSERT_TAIL(&clients, client, list);
	if (!client->running)
		connection_run(client);
}

const char *
connection_source(const struct client *client)
{
	return client->source;
}

bool
connection_is_proxy(const struct client *client)
{
	return client->proxy;
}

bool
connection_trusts(int family, const unsigned char *address)
{
	return network_in_list(&settings->proxies, family, address);
}

static void
find_source(struct client *client)
{
	unsigned char address[NETWORK_ADDRESS];
	int	      family;

	family = network_address((const struct sockaddr *)&client->kore->addr,
	    address);
	family = network_unmap(family, address);
	network_source(family, address, client->source);
	client->proxy = connection_trusts(family, address);
}

void
connection_drain(void)
{
	draining = true;
	sweep(NULL, kore_time_ms());
}

bool
connection_draining(void)
{
	return draining;
}

unsigned
connection_count(void)
{
	return worker_active_connections;
}

unsigned
connection_count_busy(void)
{
	struct client *client;
	unsigned       n = nbusy;

	TAILQ_FOREACH (client, &clients, list)
		if (!client->busy && !TAILQ_EMPTY(&client->kore->send_queue))
			n++;
	return n;
}

/* error: also set when only the client's sending side is closed. */
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
	if ((c->evt.flags & KORE_EVENT_WRITE) && !TAILQ_EMPTY(&c->send_queue) &&
	    !net_send_flush(c)) {
		kore_connection_disconnect(c);
		return;
	}
	if (!client->running)
		connection_run(client);
}

static void
on_disconnect(struct connection *c)
{
	struct client *client = c->hdlr_extra;

	if (client->busy) {
		client->busy = client->receiving = false;
		nbusy--;
		if (client->request != NULL)
			handlers->abandon(client->request);
		client->request = NULL;
	}
	TAILQ_REMOVE(&clients, client, list);
	kore_free(client->buf);
	client->buf = NULL;
}

void
connection_run(struct client *client)
{
	struct connection *c = client->kore;

	client->running = true;
	while (c->state != CONN_STATE_DISCONNECTING &&
	    (!client->busy || client->receiving)) {
		if (client->closing) {
			close_down(client);
			break;
		}
		if (!next_message(client) && !fill(client))
			break;
	}
	client->running = false;
}

/*
 * Closes once everything is sent. After a refusal the rest of the request is
 * read and dropped for a while: closing on unread input sends a reset, which
 * can overtake the answer.
 */
static void
close_down(struct client *client)
{
	if (TAILQ_EMPTY(&client->kore->send_queue) &&
	    (!client->linger || !wire_linger(client->kore)))
		kore_connection_disconnect(client->kore);
}

/*
 * Whether a message was taken from the buffer (it may be answered by now), or
 * the head of one whose body is large.
 */
static bool
next_message(struct client *client)
{
	struct http_fault fault;
	size_t		  blank;
	bool		  had_head = client->parser.head_checked;

	if (client->parser.scanned == 0) {
		/* RFC 9112 2.2: empty lines before a request are skipped. */
		for (blank = 0;
		     blank + 1 < client->len && client->buf[blank] == '\r' &&
		     client->buf[blank + 1] == '\n';
		     blank += 2)
			;
		client->len -= blank;
		memmove(client->buf, client->buf + blank, client->len);
	}
	if (client->len == 0)
		return false;

	switch (http_parse(&client->parser, client->buf, client->len,
	    &client->message, &fault)) {
	case HTTP_MORE:
		if (!had_head && client->parser.head_checked)
			client->deadline = kore_time_ms() + HTTP_BODY_MS;
		return false;
	case HTTP_REFUSED:
		refuse(client, &fault);
		return true;
	case HTTP_LARGE:
		start(client);
		return true;
	case HTTP_COMPLETE:
		break;
	}

	client->cut =
	    client->buf[client->parser.head_len + client->message.body_len];
	client->buf[client->parser.head_len + client->message.body_len] = '\0';
	if (client->receiving) {
		client->receiving = false;
		handlers->received(client->request);
	} else
		start(client);
	return true;
}

static void
start(struct client *client)
{
	struct request *request;

	client->busy = true;
	nbusy++;
	request = handlers->start(client, &client->message);
	if (client->busy)
		client->request = request;
}

/* Moves what came behind the message to the front of the buffer. */
static void
finish_message(struct client *client)
{
	if (client->message.consumed > 0) {
		client
		    ->buf[client->parser.head_len + client->message.body_len] =
		    client->cut;
		client->len -= client->message.consumed;
		memmove(client->buf, client->buf + client->message.consumed,
		    client->len);
		client->message.consumed = 0;
	}
	memset(&client->parser, 0, sizeof(client->parser));
	client->message.complete = false;
	client->continued = false;
	client->deadline = kore_time_ms() +
	    (client->linger	    ? HTTP_LINGER_MS :
		    client->len > 0 ? HTTP_HEAD_MS :
				      HTTP_IDLE_MS);
	if (client->size > HTTP_BUFFER_MAX ||
	    (client->len == 0 && client->size > 4 * HTTP_BUFFER_START))
		connection_resize(client, MAX(client->len, HTTP_BUFFER_START));
}

static void
refuse(struct client *client, const struct http_fault *fault)
{
	client->message.consumed = 0;
	client->message.complete = false;
	if (client->receiving) {
		client->receiving = false;
		handlers->reject(client->request, fault);
		return;
	}
	client->busy = true;
	nbusy++;
	handlers->refuse(client, fault);
}

bool
connection_may_grow(const struct client *client, size_t bytes)
{
	return handlers->may_grow(client->request, bytes);
}

/* Whether there is something new to look at. */
static bool
fill(struct client *client)
{
	static const struct http_fault full = { 413,
		"The chunked body takes more "
		"room than its limit allows." };
	static const struct http_fault crowded = { 503,
		"Too many large bodies are on their way; nothing was "
		"stored." };

	switch (connection_fill(client)) {
	case INPUT_READ:
		return true;
	case INPUT_NOTHING:
		break;
	case INPUT_FULL:
		refuse(client, &full);
		return true;
	case INPUT_CROWDED:
		refuse(client, &crowded);
		return true;
	}
	return false;
}

/* Deadlines; a silent connection is closed, a slow request is told so. */
static void
sweep(void *arg, u_int64_t now)
{
	static const struct http_fault slow = { 408,
		"The request did not arrive in time." };
	struct client		      *client, *next;

	(void)arg;
	make_room(now);
	for (client = TAILQ_FIRST(&clients); client != NULL; client = next) {
		next = TAILQ_NEXT(client, list);
		if (client->busy && !client->receiving)
			continue;
		if (draining && client->len == 0) {
			client->closing = true;
			connection_run(client);
			continue;
		}
		if (now < client->deadline)
			continue;
		if (client->len > 0 && !client->closing) {
			refuse(client, &slow);
			continue;
		}
		kore_connection_disconnect(client->kore);
	}
}

/*
 * At the limit nobody else gets in, not even who asks for /livez: a part of
 * those that are between two requests make room. What is busy stays.
 */
static void
make_room(u_int64_t now)
{
	static bool    full;
	struct client *client, *next;
	long	       left = settings->clients / ROOM_PART + 1;
	bool	       was_full = full;

	full = connection_count() >= settings->clients;
	if (!full)
		return;
	if (!was_full)
		log_event("connections_full", NULL,
		    "idle clients are closed for new ones");
	for (client = TAILQ_FIRST(&clients); client != NULL && left > 0;
	     client = next) {
		next = TAILQ_NEXT(client, list);
		if (client->busy || client->closing || client->len > 0 ||
		    !TAILQ_EMPTY(&client->kore->send_queue) ||
		    now + HTTP_IDLE_MS < client->deadline + ROOM_IDLE_MS)
			continue;
		kore_connection_disconnect(client->kore);
		left--;
	}
}
