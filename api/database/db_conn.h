/*
 * One libpq connection in pipeline mode. Private to this folder.
 */
#ifndef CASEWORK_DB_CONN_H
#define CASEWORK_DB_CONN_H

#include <kore/kore.h>

#include "backends.h"
#include "db_call.h"
#include "db_loss.h"
#include "hosts.h"
#include "prepared.h"

enum db_state {
	DB_DOWN, /* until retry_at */
	DB_CONNECTING,
	DB_PREPARING, /* the session */
	DB_UP
};

struct db_conn {
	struct kore_event   evt; /* first: epoll hands it back */
	PGconn		   *pg;	 /* NULL while down; never freed itself */
	enum db_state	    state;
	enum caller_kind    kind;
	enum db_pool	    pool;
	long		    timeout; /* ms a statement; 0: the role's */
	const struct query *begin;   /* of every transaction */
	void (*prove)(enum caller_kind, int pid, char *proof);
	bool	  dirty;  /* something to flush */
	bool	  broken; /* to be torn down */
	bool	  want_write;
	bool	  worn;	   /* to be opened anew when it rests */
	bool	  leaving; /* takes no more calls: it belongs elsewhere */
	unsigned  inflight;
	u_int64_t retry_at, backoff; /* ms */
	u_int64_t progress;	     /* ms: last answer, or first call */
	u_int64_t since;	     /* ms: it is up */
	struct host_turn turn;
	enum hosts_fit	 fit;
	struct backend	 backend;
	struct backends *left;	   /* of all of its group */
	bool		 asked;	   /* which of those are there still */
	unsigned	 nresults; /* while preparing */
	enum db_loss	 lost;	   /* the last time, and why */
	bool		 told;	   /* that is in the log */
	/* Whether its group may have one more. */
	bool (*has_room)(const struct db_conn *);
	TAILQ_HEAD(, db_call) calls; /* sent, oldest first */
	/* A call is not the connection's any more, and about to be done. */
	void (*ended)(struct db_conn *, struct db_call *);
	struct prepared prepared;
};

/*
 * What db.c says of it: kind, pool, timeout, begin, prove, left, has_room and
 * ended stay.
 */
void db_conn_init(struct db_conn *);
/*
 * Puts the call on the wire's queue. It is the connection's in any case: one
 * that breaks is to be failed at the end of the turn.
 */
void db_conn_send(struct db_conn *, struct db_call *);
/* False when the connection was torn down. */
bool db_conn_flush(struct db_conn *);
/* Tears down; every call in flight is done with NULL. */
void db_conn_fail(struct db_conn *, enum db_loss, const char *why);
/* The same, of one whose server says nothing: its backend may be at work. */
void db_conn_give_up(struct db_conn *);
/* Milliseconds that a call may take; 0: for ever. */
long db_conn_limit(const struct db_conn *);
/* An idle connection gives back its memory: it is opened anew. */
void db_conn_renew(struct db_conn *);
/* An idle connection is opened elsewhere, if there is a better server. */
void db_conn_move(struct db_conn *);
/* Asks the event loop for what can be read, or written too. */
void db_conn_watch(struct db_conn *, bool write);
/* Tears down without a word in the log. */
void db_conn_stop(struct db_conn *);

#endif
