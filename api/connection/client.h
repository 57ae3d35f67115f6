/*
 * A client, which is one connection. Private to the files of this folder:
 * connection.c lives through it, connection_input.c reads from it,
 * connection_room.c knows where it stands among the others.
 */
#ifndef CASEWORK_CLIENT_H
#define CASEWORK_CLIENT_H

#include <kore/kore.h>

#include "connection_peer.h"
#include "http_parse.h"

#define HTTP_BUFFER_START 4096
#define HTTP_BUFFER_MAX	  (HTTP_HEAD_MAX + 2 * HTTP_BODY_MAX)

#define HTTP_HEAD_MS   10000 /* from the first byte to the empty line */
#define HTTP_IDLE_MS   60000 /* between requests */
#define HTTP_LINGER_MS 2000  /* for the client to leave, with its last answer */
/* A body on its way, and answers that wait to be taken, move so many bytes in
   each such time, or all that is left. */
#define HTTP_PACE_MS	10000
#define HTTP_PACE_BYTES (64 * 1024)

/* Of a client before others come first: messages taken, reads and writes. So
   many bytes of an answer are one more, as many as Kore writes at once, and so
   many of a message, which are dearer: each may be a parameter. */
#define CLIENT_STEPS	     8
#define CLIENT_STEP_BYTES    8192
#define CLIENT_MESSAGE_BYTES 2048
/* Bytes of a read: what is read beyond a large body is not more than this. */
#define CLIENT_READ_MAX (64 * 1024)
/* Answers that wait: beyond so many bytes no further message is started. */
#define CLIENT_UNSENT_MAX (64 * 1024)

struct request;

/* connection_room.c has the deadline of each, and who goes first. */
enum client_state {
	CLIENT_NEW,	  /* connected, and has not sent a byte */
	CLIENT_HEAD,	  /* a head has begun */
	CLIENT_BODY,	  /* a body is on its way, no request waits for it */
	CLIENT_IDLE,	  /* between two requests */
	CLIENT_LEAVING,	  /* has got its last answer */
	CLIENT_TAKING,	  /* has not got its answers yet */
	CLIENT_RECEIVING, /* a request waits for its body */
	CLIENT_BUSY,	  /* a request is in progress */
	CLIENT_STATES
};

/* Kore frees it with the connection (hdlr_extra), hence kore_calloc(). */
struct client {
	struct connection  *kore;
	struct request	   *request;   /* in progress */
	bool		    busy;      /* not answered yet */
	bool		    receiving; /* busy, and its body is on the way */
	bool		    running;   /* inside run() */
	bool		    closing;   /* after what is queued */
	bool		    finished;  /* no more is sent */
	bool		    hangup;    /* the client sends no more */
	bool		    continued; /* 100 was sent */
	bool		    begun;     /* bytes of the next message came */
	bool		    served;    /* a message has been answered */
	bool		    waiting;   /* for the next turn of the loop */
	unsigned	    steps;     /* taken in its turn */
	size_t		    part;      /* its body comes so by so; or 0 */
	u_int64_t	    ran;       /* the turn that last ran it */
	size_t		    unsent;    /* bytes kept for it, to be sent */
	struct peer	   *peer;      /* until it has gone */
	enum client_state   state;
	u_int64_t	    deadline; /* ms; 0: begins anew */
	u_int64_t	    mark;     /* bytes moved when it was set */
	struct http_parser  parser;
	struct http_message message;
	char		   *buf;
	size_t		    at;	 /* where the message in progress begins */
	size_t		    len; /* bytes from there on */
	size_t		    size;
	char		    cut; /* byte under the body's NUL */
	TAILQ_ENTRY(client) list;
	TAILQ_ENTRY(client) turn;
	TAILQ_ENTRY(client) taking;
};

/* Asks the request whose body it is; of
   connection_message.c. */
bool connection_may_grow(const struct client *, size_t bytes);

#endif
