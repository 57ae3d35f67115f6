/*
 * Sending, and leaving in good order.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <kore/kore.h>

#include <errno.h>

#include "wire.h"

struct loan {
	void (*release)(void *);
	void *owner;
};

static void lend(struct connection *, const struct wire_body *);
static int  give_back(struct netbuf *);

bool
wire_send(struct connection *c, const char *head, size_t head_len,
    const struct wire_body *body)
{
	struct iovec iov[2] = {
		{ .iov_base = (void *)(uintptr_t)head, .iov_len = head_len },
		{ .iov_base = (void *)(uintptr_t)body->bytes,
		    .iov_len = body->bytes == NULL ? 0 : body->len },
	};
	size_t	sent = 0, len = iov[1].iov_len;
	ssize_t n;

	if (TAILQ_EMPTY(&c->send_queue)) {
		n = writev(c->fd, iov, len > 0 ? 2 : 1);
		if (n == -1 && errno != EAGAIN && errno != EINTR) {
			lend(c, body);
			return false;
		}
		sent = n > 0 ? (size_t)n : 0;
	}
	if (sent < head_len)
		net_send_queue(c, head + sent, head_len - sent);
	sent = sent > head_len ? sent - head_len : 0;
	if (sent < len)
		net_send_queue(c, body->bytes + sent, len - sent);
	lend(c, body);
	return TAILQ_EMPTY(&c->send_queue) || net_send_flush(c);
}

/* Parts are sent from where they are; the queue returns them, sent or not. */
static void
lend(struct connection *c, const struct wire_body *body)
{
	struct netbuf *nb;
	struct loan   *loan;
	size_t	       i;

	for (i = 0; i < body->nparts; i++) {
		net_send_stream(c, body->part[i].iov_base,
		    body->part[i].iov_len, NULL, &nb);
		if (i + 1 < body->nparts)
			continue;
		loan = kore_malloc(sizeof(*loan));
		loan->release = body->release;
		loan->owner = body->owner;
		nb->cb = give_back;
		nb->extra = loan;
	}
}

static int
give_back(struct netbuf *nb)
{
	struct loan *loan = nb->extra;

	loan->release(loan->owner);
	kore_free(loan);
	return KORE_RESULT_OK;
}

bool
wire_has_left(const struct connection *c)
{
	char byte;

	return recv(c->fd, &byte, 1, MSG_PEEK) == -1 && errno != EAGAIN &&
	    errno != EINTR;
}

bool
wire_linger(const struct connection *c)
{
	char	waste[4096];
	ssize_t n;

	(void)shutdown(c->fd, SHUT_WR);
	while ((n = recv(c->fd, waste, sizeof(waste), 0)) > 0)
		;
	return n == -1 && (errno == EAGAIN || errno == EINTR);
}
