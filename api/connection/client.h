/*
 * A client, which is one connection. Private to connection.c, which lives
 * through it, and connection_input.c, which reads from it.
 */
#ifndef CASEWORK_CLIENT_H
#define CASEWORK_CLIENT_H

#include <kore/kore.h>

#include "http_parse.h"
#include "network.h"

#define HTTP_BUFFER_START 4096
#define HTTP_BUFFER_MAX	  (HTTP_HEAD_MAX + 2 * HTTP_BODY_MAX)

#define HTTP_HEAD_MS   10000 /* from the first byte to the empty line */
#define HTTP_BODY_MS   20000 /* from there to the last byte */
#define HTTP_IDLE_MS   60000 /* between requests */
#define HTTP_LINGER_MS 2000  /* for the client to read a refusal */
/* Bytes a millisecond (64 KiB a second) that lengthen the time for a large
   body, or the time to take a large answer. */
#define HTTP_SLOWEST 64

struct request;

/* Kore frees it with the connection (hdlr_extra), hence kore_calloc(). */
struct client {
	struct connection  *kore;
	struct request	   *request;   /* in progress */
	bool		    busy;      /* not answered yet */
	bool		    receiving; /* busy, and its body is on the way */
	bool		    running;   /* inside run() */
	bool		    closing;   /* after what is queued */
	bool		    linger;    /* there may be unread input */
	bool		    hangup;    /* the client sends no more */
	bool		    continued; /* 100 was sent */
	bool		    proxy;     /* one of settings->proxies */
	char		    source[NETWORK_TEXT];
	u_int64_t	    deadline; /* ms; not while busy */
	struct http_parser  parser;
	struct http_message message;
	char		   *buf;
	size_t		    len, size;
	char		    cut; /* byte under the body's NUL */
	TAILQ_ENTRY(client) list;
};

/* ---- of connection.c ---- */

/* Asks whose body it is. */
bool connection_may_grow(const struct client *, size_t bytes);
/* Takes what has come, until something has to be waited for. */
void connection_run(struct client *);

#endif
