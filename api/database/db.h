/*
 * Asynchronous PostgreSQL: small pools of libpq connections in pipeline mode,
 * one set per caller kind. One call is begin + statement + Sync: one round
 * trip, one transaction. Calls of different requests share a connection for
 * reading or writing; one for slow calls takes one at a time, and the others
 * wait in a queue.
 */
#ifndef CASEWORK_DB_H
#define CASEWORK_DB_H

#include <sys/queue.h>

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "caller.h"
#include "query.h"
#include "turns.h"

#define DB_PREPARED_MAX 4 /* messages in front of a call */

/* Owned by the request; untouched by it from db_send() until done(). */
struct db_call {
	enum caller_kind    kind;
	enum db_pool	    pool;
	char		    key[SHARE_KEY_MAX]; /* whose share it takes */
	const struct query *begin;
	const struct query *statement;
	/* text, in the order of $1, $2, …; NULL is SQL NULL */
	const char *begin_params[QUERY_PARAMS_MAX];
	const char *params[QUERY_PARAMS_MAX];
	/* one of params may be bytes (of a bytea) instead of text */
	int    bytes; /* its index, or -1 */
	size_t bytes_len;
	/* every column as PostgreSQL sends it in binary: text and bytea */
	bool binary_result;

	/*
	 * Called once, from the event loop, never inside db_send(). The
	 * result is the statement's rows or the first error, and the
	 * callee's to PQclear(); NULL when the connection was lost, or when
	 * it has waited too long (late) and nothing was sent.
	 */
	void (*done)(struct db_call *, PGresult *);
	/*
	 * Called once, in db_send() or later: the parameters are not needed
	 * any more. May be NULL.
	 */
	void (*sent)(struct db_call *);
	void *arg;
	bool  late;

	/* db.c's own */
	struct turn turn; /* while it waits for a slow connection */
	bool	    waits;
	TAILQ_ENTRY(db_call) list;
	PGresult *result;
	int	  nresults, nprepared;
	/* of the results in front of begin: what was to be prepared */
	uint64_t prepared[DB_PREPARED_MAX];
};

struct db_settings {
	const char *url;		   /* DATABASE_URL */
	long	    connections[DB_POOLS]; /* of each pool and caller kind */
	long	    queue_seconds;	   /* longest wait for a slow one */
};

enum db_answer {
	DB_SENT, /* or it waits; done() follows */
	DB_GONE, /* no connection is up */
	DB_BUSY, /* too many calls of everybody */
	DB_SHARE /* too many of this key */
};

/*
 * Connects all pools; call in each process. Never blocks. begin has the query
 * that begins a transaction of each caller kind: that it can be prepared is
 * the proof that the schema is there. Both must stay.
 */
void	       db_start(const struct db_settings *,
	      const struct query *const begin[CALLER_KINDS]);
enum db_answer db_send(struct db_call *);
/* One that is not sent yet is forgotten, without done(); false: it is sent. */
bool db_withdraw(struct db_call *);
/*
 * Sends on a connection that has nothing to do, each in turn: one for reads or
 * writes, or the probe's. False: there is none.
 */
bool db_send_idle(struct db_call *);
/* Whether a caller kind has a working connection of each sort that serves it,
 * or DB_PROBE one. */
bool db_up(enum caller_kind, enum db_pool);
/* When its connections for reads and writes have last answered, in ms. */
uint64_t db_heard(enum caller_kind);
/* Calls sent and not yet done. */
unsigned db_inflight(void);
/* For metrics: connections that are up, and what they have prepared. */
unsigned db_connected(void);
unsigned db_prepared(void);
void	 db_stop(void);

#endif
