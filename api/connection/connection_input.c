/*
 * Reading into a connection's buffer, which is as large as it has to be: small
 * between requests, large for a body that somebody has asked for.
 */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>

#include "client.h"
#include "connection_input.h"
#include "connection_turn.h"
#include "connection_unsent.h"
#include "http_chunks.h"
#include "wire.h"

static void		     receive(struct client *);
static void		     move_to_front(struct client *);
static enum connection_input make_room(struct client *);
static bool		     send_continue(struct client *);

enum connection_input
connection_fill(struct client *client)
{
	struct connection    *c = client->kore;
	enum connection_input room_made;
	size_t		      room, end;
	ssize_t		      n;

	if (client->parser.head_checked && client->parser.expect_continue &&
	    !client->continued && !send_continue(client))
		return INPUT_NOTHING;
	if (!(c->evt.flags & KORE_EVENT_READ))
		return INPUT_NOTHING;
	if (client->at + client->len == client->size) {
		room_made = make_room(client);
		if (room_made != INPUT_READ)
			return room_made;
	}

	end = client->at + client->len;
	room = MIN(client->size - end, CLIENT_READ_MAX);
	n = recv(c->fd, client->buf + end, room, 0);
	if (n == 0 && !TAILQ_EMPTY(&c->send_queue)) {
		client->closing = true;
		return INPUT_NOTHING;
	}
	if (n == 0 || (n == -1 && errno != EAGAIN && errno != EINTR)) {
		kore_connection_disconnect(c);
		return INPUT_NOTHING;
	}
	if (n == -1) {
		if (errno == EAGAIN)
			c->evt.flags &= ~KORE_EVENT_READ;
		return errno == EINTR ? INPUT_READ : INPUT_NOTHING;
	}
	if ((size_t)n < room && !client->hangup)
		c->evt.flags &= ~KORE_EVENT_READ;
	client->begun = true;
	client->len += (size_t)n;
	return INPUT_READ;
}

void
connection_receive(struct client *client, size_t max, size_t part)
{
	client->parser.body_max = max;
	client->part = part;
	receive(client);
}

/* What of the message is behind the part is not much. */
void
connection_receive_on(struct client *client)
{
	client->len = http_take(&client->parser, client->buf + client->at,
	    client->len, client->message.body_len);
	client->message.body = NULL;
	client->message.body_len = 0;
	receive(client);
}

static void
receive(struct client *client)
{
	client->receiving = true;
	if (!client->running)
		connection_turn_wait(client);
}

void
connection_drop_body(struct client *client)
{
	if (client->size <= HTTP_BUFFER_MAX ||
	    client->len != client->message.consumed)
		return;
	client->len = client->message.consumed = client->parser.head_len;
	client->message.body = NULL;
	client->message.body_len = 0;
	connection_resize(client, client->len);
}

void
connection_resize(struct client *client, size_t size)
{
	move_to_front(client);
	client->buf = kore_realloc(client->buf, size + 1);
	client->size = size;
	http_moved(&client->parser, &client->message, client->buf);
}

/* Of the message in progress, of which not much more than a head is moved. */
static void
move_to_front(struct client *client)
{
	if (client->at == 0)
		return;
	memmove(client->buf, client->buf + client->at, client->len);
	client->at = 0;
	http_moved(&client->parser, &client->message, client->buf);
}

/*
 * Only a message that is not complete needs room, so each byte is moved to the
 * front once at most, however many messages came at once. A large body gets its
 * memory as it comes, never for what is announced, and no more than it needs.
 */
static enum connection_input
make_room(struct client *client)
{
	size_t max = HTTP_BUFFER_MAX, size;

	move_to_front(client);
	client->len = http_compact(&client->parser, client->buf, client->len);
	if (client->receiving && client->part > 0)
		max = client->parser.head_len + client->part + HTTP_HEAD_MAX;
	else if (client->receiving && client->parser.chunked)
		/* besides, a chunk's line or the trailers */
		max = client->parser.head_len + client->parser.body_max +
		    HTTP_HEAD_MAX;
	else if (client->receiving)
		max = client->parser.head_len + client->parser.body_len;
	if (client->len < client->size)
		return INPUT_READ;
	if (client->size >= max)
		return INPUT_FULL;
	size = MIN(client->size * 2, max);
	if (client->receiving && !connection_may_grow(client, size))
		return INPUT_CROWDED;
	connection_resize(client, size);
	return INPUT_READ;
}

static bool
send_continue(struct client *client)
{
	static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
	static const struct wire_body none;
	size_t			      unsent = client->unsent;

	client->continued = true;
	if (!wire_send(client->kore, interim, sizeof(interim) - 1, &none,
		&unsent)) {
		kore_connection_disconnect(client->kore);
		return false;
	}
	connection_unsent_count(client, unsent);
	return true;
}
