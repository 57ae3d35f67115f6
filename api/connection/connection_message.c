/*
 * One message after the other out of what a client sends, and who is asked to
 * answer it.
 */
#include <string.h>

#include "client.h"
#include "connection_handlers.h"
#include "connection_input.h"
#include "connection_message.h"

static bool hand_over(struct client *, const char *);
static void start(struct client *);

static const struct connection_handlers *handlers;

void
connection_message_start(const struct connection_handlers *given)
{
	handlers = given;
}

bool
connection_message_take(struct client *client)
{
	struct http_fault fault;
	char		 *buf;

	/* RFC 9112 2.2: empty lines before a request are skipped. */
	while (client->parser.scanned == 0 && client->len > 1 &&
	    client->buf[client->at] == '\r' &&
	    client->buf[client->at + 1] == '\n') {
		client->at += 2;
		client->len -= 2;
	}
	if (client->len == 0) {
		client->at = 0;
		return false;
	}

	buf = client->buf + client->at;
	switch (http_parse(&client->parser, buf, client->len, &client->message,
	    &fault)) {
	case HTTP_MORE:
		return hand_over(client, buf);
	case HTTP_REFUSED:
		connection_message_refuse(client, &fault);
		return true;
	case HTTP_LARGE:
		start(client);
		return true;
	case HTTP_COMPLETE:
		break;
	}

	buf += client->parser.head_len + client->message.body_len;
	client->cut = *buf;
	*buf = '\0';
	if (client->receiving) {
		client->receiving = false;
		handlers->received(client->request);
	} else
		start(client);
	return true;
}

/* Of a body that is taken in parts: whether there is one. */
static bool
hand_over(struct client *client, const char *buf)
{
	const struct http_parser *p = &client->parser;
	struct http_message	 *msg = &client->message;
	size_t			  here = client->len - p->head_len;

	if (!client->receiving || client->part == 0)
		return false;
	if (p->chunked)
		here = p->body_len - p->taken;
	if (here < client->part)
		return false;
	msg->body = buf + p->head_len;
	msg->body_len = here;
	client->steps += (unsigned)(here / CLIENT_STEP_BYTES);
	client->receiving = false;
	handlers->received(client->request);
	return true;
}

static void
start(struct client *client)
{
	struct request *request;

	client->busy = true;
	request = handlers->start(client, &client->message);
	if (client->busy)
		client->request = request;
}

bool
connection_message_read(struct client *client)
{
	static const struct http_fault full = { 413,
		"The chunked body takes more "
		"room than its limit allows." };

	switch (connection_fill(client)) {
	case INPUT_READ:
		return true;
	case INPUT_NOTHING:
		break;
	case INPUT_FULL:
		connection_message_refuse(client, &full);
		return true;
	case INPUT_CROWDED:
		connection_message_refuse(client, NULL);
		return true;
	}
	return false;
}

bool
connection_may_grow(const struct client *client, size_t bytes)
{
	return handlers->may_grow(client->request, bytes);
}

void
connection_message_refuse(struct client *client, const struct http_fault *fault)
{
	client->message.consumed = 0;
	client->message.complete = false;
	if (client->receiving) {
		client->receiving = false;
		handlers->reject(client->request, fault);
		return;
	}
	client->busy = true;
	handlers->refuse(client, fault);
}

/*
 * What came behind the message is the next one. It stays where it is: moving
 * it for each message would cost the square of what a client sends ahead.
 */
void
connection_message_finish(struct client *client)
{
	size_t consumed = client->message.consumed;

	client->steps += (unsigned)(consumed / CLIENT_MESSAGE_BYTES);
	if (consumed > 0) {
		client->buf[client->at + client->parser.head_len +
		    client->message.body_len] = client->cut;
		client->at += consumed;
		client->len -= consumed;
		client->message.consumed = 0;
	}
	memset(&client->parser, 0, sizeof(client->parser));
	client->message.complete = false;
	client->continued = false;
	client->part = 0;
	client->served = true;
	client->begun = client->len > 0;
	client->deadline = 0;
	if (client->size > HTTP_BUFFER_MAX ||
	    (client->len == 0 && client->size > 4 * HTTP_BUFFER_START))
		connection_resize(client, MAX(client->len, HTTP_BUFFER_START));
}
