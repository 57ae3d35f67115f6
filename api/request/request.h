/*
 * One HTTP request. Lives in its own arena, which is freed when the answer
 * has been handed over or the client has left, AND no database call is in
 * flight.
 */
#ifndef CASEWORK_REQUEST_H
#define CASEWORK_REQUEST_H

#include <sys/queue.h>

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "budget.h"
#include "caller.h"
#include "connection.h"
#include "cursor.h"
#include "db.h"
#include "operation.h"
#include "problem.h"

#define REQUEST_MAGIC  0x63617365u
#define REQUEST_ID_LEN 32
#define TRACE_ID_LEN   32
#define SPAN_ID_LEN    16

_Static_assert(OPERATION_CURSOR_MAX <= CURSOR_KEYS_MAX,
    "a cursor has room for the keys of every operation");

/* An answer that is not a problem. Text lives in the arena. */
struct reply {
	int	    status;
	const char *type; /* media type; NULL: no content */
	const char *body;
	size_t	    len;
	bool	    lasting; /* body is never freed */
	/* instead of body: its column "body", row by row; owned */
	PGresult   *rows;
	const char *fields;   /* more header lines, or NULL */
	const char *etag;     /* with its quotes, or NULL */
	const char *location; /* path, or NULL */
	const char *next;     /* Link rel=next, absolute; or NULL */
};

struct request {
	unsigned		   magic;
	struct client		  *client;  /* NULL: the client has left */
	const struct http_message *msg;	    /* valid while client is */
	struct arena		  *arena;   /* owns everything below */
	unsigned		   step;    /* next entry of steps[] */
	int64_t			   started; /* monotonic, us */
	char			   id[REQUEST_ID_LEN + 1];
	char			   trace[TRACE_ID_LEN + 1];
	char			   span[SPAN_ID_LEN + 1];
	char			   parent[SPAN_ID_LEN + 1]; /* or "" */
	bool			   unsampled;	 /* who asks records no trace */
	const char		  *path;	 /* as sent */
	const struct operation	  *op;		 /* set by route() */
	unsigned		   allow;	 /* methods of the path */
	struct caller		   caller;	 /* by authenticate() */
	bool			   known;	 /* caller is set */
	bool			   unidentified; /* by a good token */
	/* parameters in op->params order; NULL is absent */
	const char *args[OPERATION_PARAMS_MAX];
	const char *keys[CURSOR_KEYS_MAX];
	bool	    after;    /* keys are set */
	const char *if_match; /* bigint[] or NULL */
	/* text[]: the answer needs no bytes of these; NULL: of none */
	const char	  *known_etags;
	const char	  *cursor_context;
	const char	  *key;		/* Idempotency-Key, or NULL */
	const char	  *fingerprint; /* of the request, if there is a key */
	bool		   replayed;	/* answered as the first time */
	const char	  *body;	/* valid JSON text, bytes, or NULL */
	const json_t	  *json;	/* of the body, if it is JSON */
	size_t		   body_len;	/* of bytes */
	const char	  *type;	/* of bytes: in op->type, … */
	const char	  *stated_type; /* … and as stated, or NULL */
	struct stream	  *stream;	/* the body, part by part; or NULL */
	struct budget_hold hold;	/* of the budget, for the body */
	bool		   html;	/* the answer is to be text/html */
	bool		   csv;		/* or text/csv */
	const char	  *faults; /* of a form that does not fit, or NULL */
	const struct variant  *variants[2]; /* what call sends */
	struct db_call	       call;
	bool		       in_flight;     /* or it waits for its turn */
	bool		       filtering;     /* slow.c counts it */
	bool		       asks_district; /* that is what call asks */
	bool		       asks_identity; /* or that */
	const struct question *question;      /* of identity.c */
	/* of public_cache.c: what it asks for on behalf of all; whether it
	   waits for what another one asks; how old its answer is */
	struct public_answer *public_answer;
	LIST_ENTRY(request) waiting;
	bool	       waits, aged;
	long	       age; /* seconds */
	unsigned       attempts;
	int64_t	       db_started, db_us;
	char	       sqlstate[6];
	struct reply   reply;
	struct problem problem; /* wins if kind is set */
	/* rate limit, for the RateLimit fields; 0 when there is none: what is
	   left, and seconds until there is more */
	long quota_left, quota_reset;
};

#endif
