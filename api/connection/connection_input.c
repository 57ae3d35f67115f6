/*
 * Reading into a connection's buffer, which is as large as it has to be: small
 * between requests, large for a body that somebody has asked for.
 */
#include <sys/socket.h>

#include <errno.h>

#include "http_chunks.h"
#include "http_conn.h"
#include "http_input.h"

static bool make_room(struct http_conn *);
static bool send_continue(struct http_conn *);

enum http_input
http_fill(struct http_conn *conn)
{
	struct connection *c = conn->kore;
	size_t		   room;
	ssize_t		   n;

	if (conn->parser.head_checked && conn->parser.expect_continue &&
	    !conn->continued && !send_continue(conn))
		return (HTTP_NOTHING);
	if (!(c->evt.flags & KORE_EVENT_READ))
		return (HTTP_NOTHING);
	if (conn->len == conn->size && !make_room(conn))
		return (HTTP_FULL);

	room = conn->size - conn->len;
	n = recv(c->fd, conn->buf + conn->len, room, 0);
	if (n == 0 && !TAILQ_EMPTY(&c->send_queue)) {
		conn->closing = true;
		return (HTTP_NOTHING);
	}
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		kore_connection_disconnect(c);
		return (HTTP_NOTHING);
	}
	if (n == -1) {
		if (errno == EAGAIN)
			c->evt.flags &= ~KORE_EVENT_READ;
		return (errno == EINTR ? HTTP_READ : HTTP_NOTHING);
	}
	if ((size_t)n < room && !conn->hangup)
		c->evt.flags &= ~KORE_EVENT_READ;
	if (conn->len == 0)
		conn->deadline = kore_time_ms() + HTTP_HEAD_MS;
	else if (conn->receiving)
		conn->deadline += (u_int64_t)n / HTTP_SLOWEST;
	conn->len += (size_t)n;
	return (HTTP_READ);
}

void
http_receive(struct http_conn *conn, size_t max)
{
	size_t whole;

	conn->receiving = true;
	conn->parser.body_max = max;
	conn->deadline = kore_time_ms() + HTTP_BODY_MS;
	whole = conn->parser.head_len + conn->parser.body_len;
	if (!conn->parser.chunked && whole > conn->size)
		http_resize(conn, whole);
}

void
http_drop_body(struct http_conn *conn)
{
	if (conn->size <= HTTP_BUFFER_MAX ||
	    conn->len != conn->message.consumed)
		return;
	conn->len = conn->message.consumed = conn->parser.head_len;
	conn->message.body = NULL;
	conn->message.body_len = 0;
	http_resize(conn, conn->len);
}

void
http_resize(struct http_conn *conn, size_t size)
{
	conn->buf = kore_realloc(conn->buf, size + 1);
	conn->size = size;
	http_moved(&conn->parser, &conn->message, conn->buf);
}

static bool
make_room(struct http_conn *conn)
{
	size_t max = HTTP_BUFFER_MAX;

	conn->len = http_compact(&conn->parser, conn->buf, conn->len);
	if (conn->receiving) /* besides, a chunk's line or the trailers */
		max = conn->parser.head_len + conn->parser.body_max +
		    HTTP_HEAD_MAX;
	if (conn->len < conn->size)
		return (true);
	if (conn->size >= max)
		return (false);
	http_resize(conn, MIN(conn->size * 4, max));
	return (true);
}

static bool
send_continue(struct http_conn *conn)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";

	conn->continued = true;
	net_send_queue(conn->kore, interim, sizeof(interim) - 1);
	if (net_send_flush(conn->kore))
		return (true);
	kore_connection_disconnect(conn->kore);
	return (false);
}
