/*
 * The life of a connection on top of Kore's event loop. Each connection has
 * one buffer and at most one request in progress; what a client sends ahead
 * waits in the buffer or in the kernel, so answers keep their order. Kore
 * registers sockets edge triggered: a READ flag stays set until a read came
 * back short.
 */
#include <sys/socket.h>

#include <kore/kore.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "http.h"
#include "wire.h"

#define BUFFER_START 4096
#define BUFFER_MAX   (HTTP_HEAD_MAX + 2 * HTTP_BODY_MAX)
#define HEAD_MS	     10000 /* from the first byte to the empty line */
#define BODY_MS	     20000 /* from there to the last byte */
#define IDLE_MS	     60000 /* between requests */
#define LINGER_MS    2000  /* for the client to read a refusal */
#define SWEEP_MS     500

/* Kore frees it with the connection (hdlr_extra), hence kore_calloc(). */
struct http_conn {
	struct connection  *kore;
	struct request	   *request;   /* in progress */
	bool		    busy;      /* not answered yet */
	bool		    running;   /* inside run() */
	bool		    closing;   /* after what is queued */
	bool		    linger;    /* there may be unread input */
	bool		    hangup;    /* the client sends no more */
	bool		    continued; /* 100 was sent */
	u_int64_t	    deadline;  /* ms; not while busy */
	struct http_parser  parser;
	struct http_message message;
	char		   *buf;
	size_t		    len, size;
	char		    cut; /* byte under the body's NUL */
	TAILQ_ENTRY(http_conn) list;
};

void http_connect(struct connection *); /* named to kore_server_bind */

static TAILQ_HEAD(, http_conn) conns = TAILQ_HEAD_INITIALIZER(conns);
static unsigned nbusy;
static bool	draining;

static void on_event(void *, int);
static void on_disconnect(struct connection *);
static void run(struct http_conn *);
static void close_down(struct http_conn *);
static bool fill(struct http_conn *);
static bool next_message(struct http_conn *);
static void finish_message(struct http_conn *);
static void refuse(struct http_conn *, const struct http_fault *);
static void sweep(void *, u_int64_t);

void
http_start(void)
{
	kore_timer_add(sweep, SWEEP_MS, NULL, 0);
}

void
http_connect(struct connection *c)
{
	struct http_conn *conn;

	conn = kore_calloc(1, sizeof(*conn));
	conn->kore = c;
	conn->size = BUFFER_START;
	conn->buf = kore_malloc(conn->size + 1);
	conn->deadline = kore_time_ms() + IDLE_MS;
	TAILQ_INSERT_TAIL(&conns, conn, list);

	c->hdlr_extra = conn;
	c->disconnect = on_disconnect;
	c->evt.handle = on_event;
	c->idle_timer.length = UINT64_MAX; /* sweep() does time-outs */
}

void
http_reply(struct http_conn *conn, const char *head, size_t head_len,
    const char *body, size_t body_len, bool keep_alive)
{
	struct connection *c = conn->kore;

	conn->busy = false;
	conn->request = NULL;
	nbusy--;
	if (!keep_alive)
		conn->closing = true;

	if (!wire_send(c, head, head_len, body, body_len)) {
		kore_connection_disconnect(c);
		return;
	}

	finish_message(conn);
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
		conn->busy = false;
		nbusy--;
		if (conn->request != NULL)
			request_abandon(conn->request);
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
	while (c->state != CONN_STATE_DISCONNECTING && !conn->busy) {
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

/* Whether a message was taken from the buffer (it may be answered by now). */
static bool
next_message(struct http_conn *conn)
{
	struct http_fault fault;
	struct request	 *request;
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
			conn->deadline = kore_time_ms() + BODY_MS;
		return (false);
	case HTTP_REFUSED:
		refuse(conn, &fault);
		return (true);
	case HTTP_COMPLETE:
		break;
	}

	conn->cut = conn->buf[conn->parser.head_len + conn->message.body_len];
	conn->buf[conn->parser.head_len + conn->message.body_len] = '\0';
	conn->busy = true;
	nbusy++;
	request = request_start(conn, &conn->message);
	if (conn->busy)
		conn->request = request;
	return (true);
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
	conn->continued = false;
	conn->deadline = kore_time_ms() +
	    (conn->linger	  ? LINGER_MS :
		    conn->len > 0 ? HEAD_MS :
				    IDLE_MS);
	if (conn->len == 0 && conn->size > 4 * BUFFER_START) {
		kore_free(conn->buf);
		conn->size = BUFFER_START;
		conn->buf = kore_malloc(conn->size + 1);
	}
}

static void
refuse(struct http_conn *conn, const struct http_fault *fault)
{
	conn->busy = true;
	nbusy++;
	conn->len = 0;
	conn->message.consumed = 0;
	conn->linger = true;
	conn->deadline = kore_time_ms() + LINGER_MS;
	request_refuse(conn, fault);
}

/* Whether bytes were read. */
static bool
fill(struct http_conn *conn)
{
	struct connection      *c = conn->kore;
	const struct http_fault full = { 413,
		"The chunked body takes more "
		"room than its limit allows." };
	size_t			room;
	ssize_t			n;

	if (conn->parser.head_checked && conn->parser.expect_continue &&
	    !conn->continued) {
		static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

		conn->continued = true;
		net_send_queue(c, interim, sizeof(interim) - 1);
		if (!net_send_flush(c)) {
			kore_connection_disconnect(c);
			return (false);
		}
	}
	if (!(c->evt.flags & KORE_EVENT_READ))
		return (false);
	if (conn->len == conn->size) {
		if (conn->size >= BUFFER_MAX) {
			refuse(conn, &full);
			return (true);
		}
		conn->size = MIN(conn->size * 4, BUFFER_MAX);
		conn->buf = kore_realloc(conn->buf, conn->size + 1);
	}

	room = conn->size - conn->len;
	n = recv(c->fd, conn->buf + conn->len, room, 0);
	if (n == 0 && !TAILQ_EMPTY(&c->send_queue)) {
		conn->closing = true;
		return (false);
	}
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		kore_connection_disconnect(c);
		return (false);
	}
	if (n == -1) {
		if (errno == EAGAIN)
			c->evt.flags &= ~KORE_EVENT_READ;
		return (errno == EINTR);
	}
	if ((size_t)n < room && !conn->hangup)
		c->evt.flags &= ~KORE_EVENT_READ;
	if (conn->len == 0)
		conn->deadline = kore_time_ms() + HEAD_MS;
	conn->len += (size_t)n;
	return (true);
}

/* Deadlines; a silent connection is closed, a slow request is told so. */
static void
sweep(void *arg, u_int64_t now)
{
	static const struct http_fault slow = { 408,
		"The request did not arrive in time." };
	struct http_conn	      *conn, *next;

	(void)arg;
	for (conn = TAILQ_FIRST(&conns); conn != NULL; conn = next) {
		next = TAILQ_NEXT(conn, list);
		if (conn->busy)
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
