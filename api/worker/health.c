/*
 * /livez, /readyz and /metrics on a port of their own, one connection after
 * the other. It asks nobody: what it tells is known when PostgreSQL is away.
 */
#include <sys/socket.h>
#include <sys/time.h>

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "health.h"
#include "http_parse.h"
#include "stopping.h"
#include "version.h"

#define BACKLOG	      16
#define WAIT_MS	      1000
#define CLIENT_SECOND 2 /* that a client may take for each step */

static int listener = -1;
static bool (*is_ready)(void);

static void serve(int);
static bool read_request(int, char *, struct http_message *);
static void answer(int, const struct http_message *);
static void write_all(int, const char *, size_t);

int
health_open(const struct health_settings *settings, bool (*ready)(void),
    char *err, size_t errlen)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo	     *found = NULL;
	const int	      yes = 1;

	is_ready = ready;
	if (getaddrinfo(settings->bind, settings->port, &hints, &found) == 0) {
		listener = socket(found->ai_family,
		    found->ai_socktype | SOCK_CLOEXEC, found->ai_protocol);
		(void)setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes,
		    sizeof(yes));
		if (bind(listener, found->ai_addr, found->ai_addrlen) == 0 &&
		    listen(listener, BACKLOG) == 0) {
			freeaddrinfo(found);
			return 0;
		}
		freeaddrinfo(found);
	}
	snprintf(err, errlen,
	    "cannot listen on %s port %s: choose another WORKER_PORT or "
	    "WORKER_BIND",
	    settings->bind, settings->port);
	return -1;
}

void *
health_run(void *arg)
{
	int client;

	(void)arg;
	while (!stopping()) {
		if (!stopping_wait(listener, WAIT_MS))
			continue;
		client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		if (client != -1)
			serve(client);
	}
	(void)close(listener);
	return NULL;
}

static void
serve(int client)
{
	const struct timeval limit = { .tv_sec = CLIENT_SECOND };
	struct http_message  message;
	char		    *buffer = malloc(HTTP_HEAD_MAX + 1);

	(void)setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &limit,
	    sizeof(limit));
	(void)setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, &limit,
	    sizeof(limit));
	if (buffer != NULL && read_request(client, buffer, &message))
		answer(client, &message);
	free(buffer);
	(void)shutdown(client, SHUT_WR);
	(void)close(client);
}

static bool
read_request(int client, char *buffer, struct http_message *message)
{
	struct http_parser parser = { .scanned = 0 };
	struct http_fault  fault;
	size_t		   len = 0;
	ssize_t		   n;

	while (len < HTTP_HEAD_MAX) {
		n = recv(client, buffer + len, HTTP_HEAD_MAX - len, 0);
		if (n <= 0)
			return false;
		len += (size_t)n;
		switch (http_parse(&parser, buffer, len, message, &fault)) {
		case HTTP_COMPLETE:
			return true;
		case HTTP_LARGE:
		case HTTP_REFUSED:
			return false;
		case HTTP_MORE:
			break;
		}
	}
	return false;
}

static int
liveness(FILE *out)
{
	fprintf(out, "ok\n");
	return 200;
}

static int
readiness(FILE *out)
{
	bool is = is_ready();

	fprintf(out, "%s\n", is ? "ok" : "the database does not answer");
	return is ? 200 : 503;
}

static int
metrics(FILE *out)
{
	fputs(version_metric, out);
	counters_print(out);
	return 200;
}

static const struct {
	const char *path, *type;
	int (*print)(FILE *); /* the status of HTTP */
} pages[] = {
	{ "/livez", "text/plain; charset=utf-8", liveness },
	{ "/readyz", "text/plain; charset=utf-8", readiness },
	{ "/metrics", "text/plain; version=0.0.4; charset=utf-8", metrics },
};

#define NPAGES (sizeof(pages) / sizeof(pages[0]))

static void
answer(int client, const struct http_message *message)
{
	const char *type = "text/plain; charset=utf-8";
	char	   *body = NULL, head[256];
	size_t	    len = 0, i;
	int	    status = 404, n;
	FILE	   *out = open_memstream(&body, &len);

	if (out == NULL)
		return;
	for (i = 0; i < NPAGES && strcmp(pages[i].path, message->path) != 0;
	     i++)
		;
	if (i < NPAGES && message->method != HTTP_GET &&
	    message->method != HTTP_HEAD) {
		status = 405;
	} else if (i < NPAGES) {
		type = pages[i].type;
		status = pages[i].print(out);
	}
	if (fclose(out) == 0) {
		n = snprintf(head, sizeof(head),
		    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
		    "Content-Length: %zu\r\nCache-Control: no-store\r\n%s"
		    "Connection: close\r\n\r\n",
		    status, status == 200 ? "OK" : "Not served", type, len,
		    status == 405 ? "Allow: GET, HEAD\r\n" : "");
		write_all(client, head, (size_t)n);
		if (message->method != HTTP_HEAD)
			write_all(client, body, len);
	}
	free(body);
}

static void
write_all(int client, const char *bytes, size_t len)
{
	ssize_t n;

	for (; len > 0; bytes += n, len -= (size_t)n) {
		n = send(client, bytes, len, MSG_NOSIGNAL);
		if (n <= 0)
			return;
	}
}
