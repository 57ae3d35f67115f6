/*
 * Sending, and leaving in good order.
 */
#include <sys/socket.h>
#include <sys/uio.h>

#include <errno.h>

#include "wire.h"

bool
wire_send(struct connection *c, const char *head, size_t head_len,
    const char *body, size_t body_len)
{
	struct iovec iov[2] = {
		{ .iov_base = (void *)(uintptr_t)head, .iov_len = head_len },
		{ .iov_base = (void *)(uintptr_t)body, .iov_len = body_len },
	};
	size_t	sent = 0;
	ssize_t n;

	if (TAILQ_EMPTY(&c->send_queue)) {
		n = writev(c->fd, iov, body_len > 0 ? 2 : 1);
		if (n == -1 && errno != EAGAIN && errno != EINTR)
			return (false);
		sent = n > 0 ? (size_t)n : 0;
	}
	if (sent < head_len)
		net_send_queue(c, head + sent, head_len - sent);
	sent = sent > head_len ? sent - head_len : 0;
	if (sent < body_len)
		net_send_queue(c, body + sent, body_len - sent);
	return (TAILQ_EMPTY(&c->send_queue) || net_send_flush(c));
}

bool
wire_has_left(const struct connection *c)
{
	char byte;

	return (recv(c->fd, &byte, 1, MSG_PEEK) == -1 && errno != EAGAIN &&
	    errno != EINTR);
}

bool
wire_linger(const struct connection *c)
{
	char	waste[4096];
	ssize_t n;

	(void)shutdown(c->fd, SHUT_WR);
	while ((n = recv(c->fd, waste, sizeof(waste), 0)) > 0)
		;
	return (n == -1 && (errno == EAGAIN || errno == EINTR));
}
