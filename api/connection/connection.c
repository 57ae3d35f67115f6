/*
 * The life of a connection on top of Kore's event loop. Each connection has
 * one buffer and at most one request in progress; what a client sends ahead
 * waits in the buffer or in the kernel, so answers keep their order. Kore
 * registers sockets edge triggered: a READ flag stays set until a read came
 * back short.
 */
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "http_conn.h"
#include "http_input.h"
#include "log.h"
#include "wire.h"

#define SWEEP_MS     500
#define ROOM_PART    4	  /* of all connections are closed in a sweep … */
#define ROOM_IDLE_MS 1000 /* … of those that have been idle so long */

void http_connect(struct connection *); /* named to kore_server_bind */

/* Those that have been silent longest come first. */
static TAILQ_HEAD(, http_conn) conns = TAILQ_HEAD_INITIALIZER(conns);
static unsigned nbusy, clients_max;
static bool	draining;

static const struct http_handlers *handlers;

static void on_event(void *, int);
static void on_disconnect(struct connection *);
static void run(struct http_conn *);
static void close_down(struct http_conn *);
static bool fill(struct http_conn *);
static bool next_message(struct http_conn *);
static void start(struct http_conn *);
static void finish_message(struct http_conn *);
static void refuse(struct http_conn *, const struct http_fault *);
static void sweep(void *, u_int64_t);
static void make_room(u_int64_t);

void
http_start(const struct http_handlers *given, unsigned clients)
{
	handlers = given;
	clients_max = clients;
	kore_timer_add(sweep, SWEEP_MS, NULL, 0);
}

void
http_connect(struct connection *c)
{
	struct http_conn *conn;

	conn = kore_calloc(1, sizeof(*conn));
	conn->kore = c;
	conn->size = HTTP_BUFFER_START;
	conn->buf = kore_malloc(conn->size + 1);
	conn->deadline = kore_time_ms() + HTTP_IDLE_MS;
	TAILQ_INSERT_TAIL(&conns, conn, list);

	c->hdlr_extra = conn;
	c->disconnect = on_disconnect;
	c->evt.handle = on_event;
	c->idle_timer.length = UINT64_MAX; /* sweep() does time-outs */
}

void
http_reply(struct http_conn *conn, const char *head, size_t head_len,
    const struct http_body *body, bool keep_alive)
{
	struct connection *c = conn->kore;

	conn->busy = conn->receiving = false;
	conn->request = NULL;
	nbusy--;
	if (!keep_alive)
		conn->closing = true;
	if (!conn->message.complete) {
		conn->linger = true;
		conn->len = 0;
	}

	if (!wire_send(c, head, head_len, body)) {
		kore_connection_disconnect(c);
		return;
	}

	finish_message(conn);
	conn->deadline += body->len / HTTP_SLOWEST;
	TAILQ_REMOVE(&conns, conn, list);
	TAILQ_INSERT_TAIL(&conns, conn, list);
	if (!conn->running)
		run(conn);
}

void
http_drain(void)
{
	draining = true;
	sweep(NULL, kore_time_ms());
}

bool
http_draining(void)
{
	return (draining);
}

unsigned
http_connected(void)
{
	return (worker_active_connections);
}

unsigned
http_busy(void)
{
	struct http_conn *conn;
	unsigned	  n = nbusy;

	TAILQ_FOREACH (conn, &conns, list)
		if (!conn->busy && !TAILQ_EMPTY(&conn->kore->send_queue))
			n++;
	return (n);
}

/* error: also set when only the client's sending side is closed. */
static void
on_event(void *arg, int error)
{
	struct connection *c = arg;
	struct http_conn  *conn = c->hdlr_extra;

	if (c->state == CONN_STATE_DISCONNECTING)
		return;
	if (error) {
		conn->hangup = true;
		c->evt.flags |= KORE_EVENT_READ;
		if (conn->busy && wire_has_left(c)) {
			kore_connection_disconnect(c);
			return;
		}
	}
	if ((c->evt.flags & KORE_EVENT_WRITE) && !TAILQ_EMPTY(&c->send_queue) &&
	    !net_send_flush(c)) {
		kore_connection_disconnect(c);
		return;
	}
	if (!conn->running)
		run(conn);
}

static void
on_disconnect(struct connection *c)
{
	struct http_conn *conn = c->hdlr_extra;

	if (conn->busy) {
		conn->busy = conn->receiving = false;
		nbusy--;
		if (conn->request != NULL)
			handlers->abandon(conn->request);
		conn->request = NULL;
	}
	TAILQ_REMOVE(&conns, conn, list);
	kore_free(conn->buf);
	conn->buf = NULL;
}

/* Takes requests from the connection until one has to wait. */
static void
run(struct http_conn *conn)
{
	struct connection *c = conn->kore;

	conn->running = true;
	while (c->state != CONN_STATE_DISCONNECTING &&
	    (!conn->busy || conn->receiving)) {
		if (conn->closing) {
			close_down(conn);
			break;
		}
		if (!next_message(conn) && !fill(conn))
			break;
	}
	conn->running = false;
}

/*
 * Closes once everything is sent. After a refusal the rest of the request is
 * read and dropped for a while: closing on unread input sends a reset, which
 * can overtake the answer.
 */
static void
close_down(struct http_conn *conn)
{
	if (TAILQ_EMPTY(&conn->kore->send_queue) &&
	    (!conn->linger || !wire_linger(conn->kore)))
		kore_connection_disconnect(conn->kore);
}

/*
 * Whether a message was taken from the buffer (it may be answered by now), or
 * the head of one whose body is large.
 */
static bool
next_message(struct http_conn *conn)
{
	struct http_fault fault;
	size_t		  blank;
	bool		  had_head = conn->parser.head_checked;

	if (conn->parser.scanned == 0) {
		/* RFC 9112 2.2: empty lines before a request are skipped. */
		for (blank = 0; blank + 1 < conn->len &&
		     conn->buf[blank] == '\r' && conn->buf[blank + 1] == '\n';
		     blank += 2)
			;
		conn->len -= blank;
		memmove(conn->buf, conn->buf + blank, conn->len);
	}
	if (conn->len == 0)
		return (false);

	switch (http_parse(&conn->parser, conn->buf, conn->len, &conn->message,
	    &fault)) {
	case HTTP_MORE:
		if (!had_head && conn->parser.head_checked)
			conn->deadline = kore_time_ms() + HTTP_BODY_MS;
		return (false);
	case HTTP_REFUSED:
		refuse(conn, &fault);
		return (true);
	case HTTP_LARGE:
		start(conn);
		return (true);
	case HTTP_COMPLETE:
		break;
	}

	conn->cut = conn->buf[conn->parser.head_len + conn->message.body_len];
	conn->buf[conn->parser.head_len + conn->message.body_len] = '\0';
	if (conn->receiving) {
		conn->receiving = false;
		handlers->received(conn->request);
	} else
		start(conn);
	return (true);
}

static void
start(struct http_conn *conn)
{
	struct request *request;

	conn->busy = true;
	nbusy++;
	request = handlers->start(conn, &conn->message);
	if (conn->busy)
		conn->request = request;
}

/* Moves what came behind the message to the front of the buffer. */
static void
finish_message(struct http_conn *conn)
{
	if (conn->message.consumed > 0) {
		conn->buf[conn->parser.head_len + conn->message.body_len] =
		    conn->cut;
		conn->len -= conn->message.consumed;
		memmove(conn->buf, conn->buf + conn->message.consumed,
		    conn->len);
		conn->message.consumed = 0;
	}
	memset(&conn->parser, 0, sizeof(conn->parser));
	conn->message.complete = false;
	conn->continued = false;
	conn->deadline = kore_time_ms() +
	    (conn->linger	  ? HTTP_LINGER_MS :
		    conn->len > 0 ? HTTP_HEAD_MS :
				    HTTP_IDLE_MS);
	if (conn->size > HTTP_BUFFER_MAX ||
	    (conn->len == 0 && conn->size > 4 * HTTP_BUFFER_START))
		http_resize(conn, MAX(conn->len, HTTP_BUFFER_START));
}

static void
refuse(struct http_conn *conn, const struct http_fault *fault)
{
	conn->message.consumed = 0;
	conn->message.complete = false;
	if (conn->receiving) {
		conn->receiving = false;
		handlers->reject(conn->request, fault);
		return;
	}
	conn->busy = true;
	nbusy++;
	handlers->refuse(conn, fault);
}

/* Whether there is something new to look at. */
static bool
fill(struct http_conn *conn)
{
	static const struct http_fault full = { 413,
		"The chunked body takes more "
		"room than its limit allows." };

	switch (http_fill(conn)) {
	case HTTP_READ:
		return (true);
	case HTTP_NOTHING:
		break;
	case HTTP_FULL:
		refuse(conn, &full);
		return (true);
	}
	return (false);
}

/* Deadlines; a silent connection is closed, a slow request is told so. */
static void
sweep(void *arg, u_int64_t now)
{
	static const struct http_fault slow = { 408,
		"The request did not arrive in time." };
	struct http_conn	      *conn, *next;

	(void)arg;
	make_room(now);
	for (conn = TAILQ_FIRST(&conns); conn != NULL; conn = next) {
		next = TAILQ_NEXT(conn, list);
		if (conn->busy && !conn->receiving)
			continue;
		if (draining && conn->len == 0) {
			conn->closing = true;
			run(conn);
			continue;
		}
		if (now < conn->deadline)
			continue;
		if (conn->len > 0 && !conn->closing) {
			refuse(conn, &slow);
			continue;
		}
		kore_connection_disconnect(conn->kore);
	}
}

/*
 * At the limit nobody else gets in, not even who asks for /livez: a part of those
 * that are between two requests make room. What is busy stays.
 */
static void
make_room(u_int64_t now)
{
	static bool	  full;
	struct http_conn *conn, *next;
	unsigned	  left = clients_max / ROOM_PART + 1;
	bool		  was_full = full;

	full = http_connected() >= clients_max;
	if (!full)
		return;
	if (!was_full)
		log_event("connections_full", NULL,
		    "idle clients are closed for new ones");
	for (conn = TAILQ_FIRST(&conns); conn != NULL && left > 0;
	     conn = next) {
		next = TAILQ_NEXT(conn, list);
		if (conn->busy || conn->closing || conn->len > 0 ||
		    !TAILQ_EMPTY(&conn->kore->send_queue) ||
		    now + HTTP_IDLE_MS < conn->deadline + ROOM_IDLE_MS)
			continue;
		kore_connection_disconnect(conn->kore);
		left--;
	}
}
