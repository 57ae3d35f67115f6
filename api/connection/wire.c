/*
 * Sending, and leaving in good order.
 */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <kore/kore.h>

#include <errno.h>
#include <linux/sockios.h>
#include <linux/tcp.h>

#include "wire.h"

/* Of a direction; the kernel takes twice that for its own needs. By itself it
   would let each client have megabytes that nobody reads. */
#define KERNEL_BYTES (128 * 1024)
#define WASTE_MAX    (256 * 1024) /* of a turn */

struct loan {
	void (*release)(void *);
	void *owner;
};

static void queue(struct connection *, const char *, size_t, size_t *);
static void lend(struct connection *, const struct wire_body *);
static int  give_back(struct netbuf *);

/* Accepted sockets inherit it. */
void
wire_listen(int fd)
{
	const int bytes = KERNEL_BYTES;

	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
}

bool
wire_send(struct connection *c, const char *head, size_t head_len,
    const struct wire_body *body, size_t *unsent)
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
		queue(c, head + sent, head_len - sent, unsent);
	sent = sent > head_len ? sent - head_len : 0;
	if (sent < len && body->lasting)
		net_send_stream(c, (char *)iov[1].iov_base + sent, len - sent,
		    NULL, NULL);
	else if (sent < len)
		queue(c, body->bytes + sent, len - sent, unsent);
	lend(c, body);
	return true;
}

bool
wire_may_push(const struct connection *c)
{
	return c->state != CONN_STATE_DISCONNECTING &&
	    !TAILQ_EMPTY(&c->send_queue) && (c->evt.flags & KORE_EVENT_WRITE);
}

bool
wire_push(struct connection *c, size_t *unsent)
{
	const struct netbuf *first = TAILQ_FIRST(&c->send_queue);
	const size_t	     copied =
	    first->flags & NETBUF_IS_STREAM ? 0 : first->m_len;

	if (!net_send(c))
		return false;
	if (TAILQ_FIRST(&c->send_queue) != first)
		*unsent -= copied;
	return true;
}

/* Kore fills up the last buffer and adds one for the rest. */
static void
queue(struct connection *c, const char *bytes, size_t len, size_t *unsent)
{
	const struct netbuf *last = TAILQ_LAST(&c->send_queue, netbuf_head),
			    *nb;

	net_send_queue(c, bytes, len);
	nb = TAILQ_LAST(&c->send_queue, netbuf_head);
	if (nb != last)
		*unsent += nb->m_len;
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
wire_owes(const struct connection *c, size_t bytes)
{
	const struct netbuf *nb;
	size_t		     n = 0;

	TAILQ_FOREACH (nb, &c->send_queue, list) {
		n += nb->b_len - nb->s_off;
		if (n >= bytes)
			return true;
	}
	return false;
}

uint64_t
wire_taken(const struct connection *c)
{
	struct tcp_info info = { 0 };
	socklen_t	len = sizeof(info);

	(void)getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	return info.tcpi_bytes_acked;
}

/* The end that wire_finish() sends counts as one byte. */
bool
wire_has_arrived(const struct connection *c)
{
	int bytes = 0;

	(void)ioctl(c->fd, SIOCOUTQ, &bytes);
	return bytes <= 1;
}

bool
wire_has_left(const struct connection *c)
{
	char byte;

	return recv(c->fd, &byte, 1, MSG_PEEK) == -1 && errno != EAGAIN &&
	    errno != EINTR;
}

void
wire_finish(const struct connection *c)
{
	(void)shutdown(c->fd, SHUT_WR);
}

void
wire_reset(const struct connection *c)
{
	const struct linger now = { .l_onoff = 1, .l_linger = 0 };

	(void)setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
}

/* MSG_TRUNC: the bytes of TCP are dropped and not copied. */
enum wire_waste
wire_drop(const struct connection *c)
{
	ssize_t n = recv(c->fd, NULL, WASTE_MAX, MSG_TRUNC);

	if (n == WASTE_MAX || (n == -1 && errno == EINTR))
		return WASTE_MORE;
	return n > 0 || (n == -1 && errno == EAGAIN) ? WASTE_ALL : WASTE_END;
}
