/*
 * What is asked of PostgreSQL.
 */
#ifndef CASEWORK_DB_CALL_H
#define CASEWORK_DB_CALL_H

#include <sys/queue.h>

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "caller.h"
#include "query.h"
#include "share.h"
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
	bool writes; /* or may */

	/*
	 * Called once, from the event loop, never inside db_send(). The
	 * result is the statement's rows or the first error, and the
	 * callee's to PQclear(); NULL when the connection was lost, or when
	 * nothing was sent: it has waited too long (late), or had to give its
	 * place in the queue to another caller (crowded out).
	 */
	void (*done)(struct db_call *, PGresult *);
	/*
	 * Called once, in db_send() or later: the parameters are not needed
	 * any more. May be NULL.
	 */
	void (*sent)(struct db_call *);
	void *arg;
	bool  late, crowded_out;

	/* db.c's own */
	struct turn turn; /* of is NULL for one that took none */
	bool	    waits;
	TAILQ_ENTRY(db_call) list;
	PGresult *result;
	int	  nresults, nprepared;
	/* of the results in front of begin: what was to be prepared */
	uint64_t prepared[DB_PREPARED_MAX];
};

enum db_answer {
	DB_SENT, /* or it waits; done() follows */
	DB_GONE, /* no connection is up */
	DB_BUSY, /* too many calls of everybody */
	DB_SHARE /* too many of this key */
};

#endif
