/*
 * One poll loop over a fixed number of clients. None can hold another up: no
 * call waits but poll, a client's head has a size and its life a length, and
 * when all places are taken the oldest client goes.
 */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "health_clients.h"
#include "http_parse.h"
#include "monotonic.h"
#include "stopping.h"

#define CLIENTS_MAX 32
#define LIFE_US	    5000000 /* from connecting to the last byte */
#define WAIT_MS	    1000

static struct client {
	int		    fd; /* -1: nobody */
	int64_t		    since;
	char		   *head;
	size_t		    len;
	struct http_parser  parser;
	struct http_message message;
	char		   *answer; /* once the head is there */
	size_t		    answer_len, sent;
} clients[CLIENTS_MAX];

static health_answer answer_with;

static void	      wait_for_events(int, struct pollfd *);
static void	      take(int);
static struct client *place(void);
static void	      serve(struct client *);
static bool	      read_head(struct client *);
static void	      answer(struct client *, const struct http_message *, int,
	      const char *);
static bool	      write_answer(struct client *);
static void	      end(struct client *);

void
health_clients_run(int listener, health_answer with)
{
	struct pollfd  fds[CLIENTS_MAX + 2];
	struct client *c;
	size_t	       i;

	answer_with = with;
	for (i = 0; i < CLIENTS_MAX; i++)
		clients[i].fd = -1;
	while (!stopping()) {
		wait_for_events(listener, fds);
		for (i = 0; i < CLIENTS_MAX; i++) {
			c = &clients[i];
			if (c->fd != -1 && fds[i].revents != 0)
				serve(c);
			if (c->fd != -1 && monotonic_us() - c->since > LIFE_US)
				end(c);
		}
		if (fds[CLIENTS_MAX].revents != 0)
			take(listener);
	}
	for (i = 0; i < CLIENTS_MAX; i++)
		end(&clients[i]);
}

static void
wait_for_events(int listener, struct pollfd *fds)
{
	size_t i;

	for (i = 0; i < CLIENTS_MAX; i++)
		fds[i] = (struct pollfd){ .fd = clients[i].fd,
			.events =
			    clients[i].answer == NULL ? POLLIN : POLLOUT };
	fds[CLIENTS_MAX] = (struct pollfd){ .fd = listener, .events = POLLIN };
	fds[CLIENTS_MAX + 1] =
	    (struct pollfd){ .fd = stopping_fd(), .events = POLLIN };
	if (poll(fds, CLIENTS_MAX + 2, WAIT_MS) <= 0)
		for (i = 0; i < CLIENTS_MAX + 2; i++)
			fds[i].revents = 0;
}

/* As many as there are places: nobody new pushes out somebody as new. */
static void
take(int listener)
{
	struct client *c;
	int	       fd, n;

	for (n = 0; n < CLIENTS_MAX; n++) {
		fd =
		    accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd == -1)
			return;
		c = place();
		*c = (struct client){ .fd = fd, .since = monotonic_us() };
		c->head = malloc(HTTP_HEAD_MAX + 1);
		if (c->head == NULL)
			end(c);
		else
			serve(c);
	}
}

static struct client *
place(void)
{
	struct client *oldest = &clients[0];
	size_t	       i;

	for (i = 0; i < CLIENTS_MAX; i++) {
		if (clients[i].fd == -1)
			return &clients[i];
		if (clients[i].since < oldest->since)
			oldest = &clients[i];
	}
	end(oldest);
	return oldest;
}

static void
serve(struct client *c)
{
	if ((c->answer == NULL && !read_head(c)) ||
	    (c->answer != NULL && !write_answer(c)))
		end(c);
}

/* False: nothing will come of it. */
static bool
read_head(struct client *c)
{
	struct http_fault fault;
	ssize_t		  n =
	    recv(c->fd, c->head + c->len, HTTP_HEAD_MAX + 1 - c->len, 0);

	if (n <= 0)
		return n == -1 && (errno == EAGAIN || errno == EINTR);
	c->len += (size_t)n;
	switch (http_parse(&c->parser, c->head, c->len, &c->message, &fault)) {
	case HTTP_COMPLETE:
		answer(c, &c->message, 0, NULL);
		return c->answer != NULL;
	case HTTP_REFUSED:
		answer(c, NULL, fault.status, fault.detail);
		return c->answer != NULL;
	case HTTP_LARGE:
		return false;
	case HTTP_MORE:
		break;
	}
	return c->len <= HTTP_HEAD_MAX;
}

static void
answer(struct client *c, const struct http_message *message, int status,
    const char *detail)
{
	FILE *out = open_memstream(&c->answer, &c->answer_len);

	if (out == NULL)
		return;
	answer_with(message, status, detail, out);
	if (fclose(out) != 0) {
		free(c->answer);
		c->answer = NULL;
	}
}

/* False when there is nothing more to do. */
static bool
write_answer(struct client *c)
{
	ssize_t n = send(c->fd, c->answer + c->sent, c->answer_len - c->sent,
	    MSG_NOSIGNAL);

	if (n > 0)
		c->sent += (size_t)n;
	if (n == -1 && errno != EAGAIN && errno != EINTR)
		return false;
	return c->sent < c->answer_len;
}

static void
end(struct client *c)
{
	if (c->fd == -1)
		return;
	(void)shutdown(c->fd, SHUT_WR);
	(void)close(c->fd);
	free(c->head);
	free(c->answer);
	*c = (struct client){ .fd = -1 };
}
