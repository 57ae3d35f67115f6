/*
 * /livez, /readyz and /metrics on a port of their own. It asks nobody: what it
 * tells is known when PostgreSQL is away.
 */
#include <sys/socket.h>

#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "counters.h"
#include "health.h"
#include "health_clients.h"
#include "process.h"
#include "version.h"
#include "wall_clock.h"

#define BACKLOG 128

static int     listener = -1;
static int64_t started; /* time of day */
static bool (*is_ready)(FILE *);

static void answer(const struct http_message *, int, const char *, FILE *);

int
health_open(const struct health_settings *settings, bool (*ready)(FILE *),
    char *err, size_t errlen)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	struct addrinfo	     *found = NULL;
	const int	      yes = 1;

	is_ready = ready;
	started = wall_clock_seconds();
	if (getaddrinfo(settings->bind, settings->port, &hints, &found) == 0) {
		listener = socket(found->ai_family,
		    found->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK,
		    found->ai_protocol);
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
	(void)arg;
	health_clients_run(listener, answer);
	(void)close(listener);
	return NULL;
}

static int
liveness(const struct http_message *message, FILE *out)
{
	(void)message;
	fprintf(out, "ok\n");
	return 200;
}

/* ?verbose tells each check, as in Kubernetes. */
static int
ready(const struct http_message *message, FILE *out)
{
	bool verbose =
	    message->query != NULL && strcmp(message->query, "verbose") == 0;
	bool is = is_ready(NULL);

	fprintf(out, "%s\n", is ? "ok" : "not ready");
	if (verbose)
		(void)is_ready(out);
	return is ? 200 : 503;
}

static int
metrics(const struct http_message *message, FILE *out)
{
	static struct process process; /* counted in between, see process.h */
	char		      text[PROCESS_TEXT_MAX];

	(void)message;
	process_measure(&process);
	process_text(text, &process, started);
	fputs(version_metric, out);
	counters_print(out);
	fputs(text, out);
	return 200;
}

static const struct {
	const char *path, *type;
	int (*print)(const struct http_message *, FILE *); /* the status */
} pages[] = {
	{ "/livez", "text/plain; charset=utf-8", liveness },
	{ "/readyz", "text/plain; charset=utf-8", ready },
	{ "/metrics", "text/plain; version=0.0.4; charset=utf-8", metrics },
};

#define NPAGES (sizeof(pages) / sizeof(pages[0]))

static void
answer(const struct http_message *message, int status, const char *detail,
    FILE *out)
{
	const char *type = "text/plain; charset=utf-8";
	char	   *body = NULL;
	size_t	    len = 0, i;
	FILE	   *page = open_memstream(&body, &len);

	if (page == NULL)
		abort();
	if (message == NULL)
		fprintf(page, "%s\n", detail);
	for (i = 0; message != NULL && i < NPAGES; i++)
		if (strcmp(pages[i].path, message->path) == 0)
			break;
	if (message != NULL && i == NPAGES) {
		status = 404;
	} else if (message != NULL && message->method != HTTP_GET &&
	    message->method != HTTP_HEAD) {
		status = 405;
	} else if (message != NULL) {
		type = pages[i].type;
		status = pages[i].print(message, page);
	}
	if (fclose(page) != 0)
		abort();
	fprintf(out,
	    "HTTP/1.1 %d %s\r\nContent-Type: %s\r\n"
	    "Content-Length: %zu\r\nCache-Control: no-store\r\n%s"
	    "Connection: close\r\n\r\n",
	    status, status == 200 ? "OK" : "Not served", type, len,
	    status == 405 ? "Allow: GET, HEAD\r\n" : "");
	if (message == NULL || message->method != HTTP_HEAD)
		fwrite(body, 1, len, out);
	free(body);
}
