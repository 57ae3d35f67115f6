/*
 * Asynchronous PostgreSQL: small pools of libpq connections in pipeline mode,
 * one set per caller kind. One call is begin + statement + Sync: one round
 * trip, one transaction. Calls of different requests share a connection.
 */
#ifndef CASEWORK_DB_H
#define CASEWORK_DB_H

#include <sys/queue.h>

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "caller.h"
#include "query.h"

/* Owned by the request; untouched by it from db_send() until done(). */
struct db_call {
	enum caller_kind    kind;
	enum db_pool	    pool;
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
	 * callee's to PQclear(); NULL when the connection was lost.
	 */
	void (*done)(struct db_call *, PGresult *);
	void *arg;

	/* db.c's own */
	TAILQ_ENTRY(db_call) list;
	PGresult	   *result;
	int		    nresults, nprepared;
	const struct query *prepared[2];
};

struct db_settings {
	const char *url;		   /* DATABASE_URL */
	long	    connections[DB_POOLS]; /* of each pool and caller kind */
};

/*
 * Connects all pools; call in each process. Never blocks. begin has the query
 * that begins a transaction of each caller kind: that it can be prepared is
 * the proof that the schema is there. Both must stay.
 */
void db_start(const struct db_settings *,
    const struct query *const begin[CALLER_KINDS]);
/* 0, or -1: no connection is up, or all are full. Answer 503. */
int db_send(struct db_call *);
/*
 * As db_send(), but on a connection that has nothing to do, each in turn: one
 * for reads or writes, or the probe's.
 */
int db_send_idle(struct db_call *);
/* Whether a caller kind has a working connection of each sort that serves it,
 * or DB_PROBE one. */
bool db_up(enum caller_kind, enum db_pool);
/* When its connections for reads and writes have last answered, in ms. */
uint64_t db_heard(enum caller_kind);
/* Calls sent and not yet done. */
unsigned db_inflight(void);
/* Connections that are up, for metrics. */
unsigned db_connected(void);
void	 db_stop(void);

#endif
