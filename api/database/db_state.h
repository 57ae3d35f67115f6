/*
 * One libpq connection in pipeline mode, as it is. Private to this folder.
 */
#ifndef CASEWORK_DB_STATE_H
#define CASEWORK_DB_STATE_H

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
	void (*prove)(enum caller_kind, const char *opening, char *proof);
	bool	  dirty;  /* something to flush */
	bool	  broken; /* to be torn down */
	bool	  want_write;
	bool	  worn;	   /* to be opened anew when it rests */
	bool	  leaving; /* takes no more calls: it belongs elsewhere */
	bool	  strange; /* is served by what was begun by others */
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

#endif
