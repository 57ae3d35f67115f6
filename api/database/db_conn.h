/*
 * One libpq connection in pipeline mode. Private to db.c and db_conn.c.
 */
#ifndef CASEWORK_DB_CONN_H
#define CASEWORK_DB_CONN_H

#include <kore/kore.h>

#include "db_call.h"
#include "prepared.h"

enum db_state {
	DB_DOWN, /* until retry_at */
	DB_CONNECTING,
	DB_PREPARING, /* the begin statement */
	DB_UP
};

struct db_conn {
	struct kore_event   evt; /* first: epoll hands it back */
	PGconn		   *pg;	 /* NULL while down; never freed itself */
	enum db_state	    state;
	enum caller_kind    kind;
	enum db_pool	    pool;
	const char	   *url;
	long		    timeout; /* ms a statement; 0: the role's */
	const struct query *begin;   /* of every transaction */
	void (*prove)(enum caller_kind, int pid, char *proof);
	bool	  dirty;  /* something to flush */
	bool	  broken; /* to be torn down */
	bool	  want_write;
	bool	  worn;	  /* to be opened anew when it rests */
	bool	  misfit; /* refused for its schema, when last tried */
	unsigned  inflight;
	u_int64_t retry_at, backoff; /* ms */
	u_int64_t progress;	     /* ms: last answer, or first call */
	TAILQ_HEAD(, db_call) calls; /* sent, oldest first */
	/* A call is not the connection's any more, and about to be done. */
	void (*ended)(struct db_conn *, struct db_call *);
	struct prepared prepared;
};

/*
 * What db.c says of it: kind, pool, url, timeout, begin, prove and ended stay.
 */
void db_conn_init(struct db_conn *);
/* Starts to connect; gives up at retry_at. */
void db_conn_start(struct db_conn *);
/*
 * Puts the call on the wire's queue. It is the connection's in any case: one
 * that breaks is to be failed at the end of the turn.
 */
void db_conn_send(struct db_conn *, struct db_call *);
/* False when the connection was torn down. */
bool db_conn_flush(struct db_conn *);
/* Tears down; every call in flight is done with NULL. */
void db_conn_fail(struct db_conn *, const char *why);
/* An idle connection gives back its memory: it is opened anew. */
void db_conn_renew(struct db_conn *);
/* Tears down without a word in the log. */
void db_conn_stop(struct db_conn *);

#endif
