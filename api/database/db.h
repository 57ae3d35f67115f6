/*
 * Asynchronous PostgreSQL: small pools of libpq connections in pipeline mode,
 * one set per caller kind. One call is begin + statement + Sync: one round
 * trip, one transaction. A connection for reading has a few calls in flight,
 * one for writing or for slow calls has one; the others wait in a queue.
 */
#ifndef CASEWORK_DB_H
#define CASEWORK_DB_H

#include "db_call.h"
#include "db_loss.h"

struct db_settings {
	const char *url;		   /* DATABASE_URL */
	long	    connections[DB_POOLS]; /* of each pool and caller kind */
	long	    queue_seconds;	   /* longest wait for one */
};

/*
 * Connects all pools; call in each process. Never blocks. begin has the query
 * that begins a transaction of each caller kind: that it can be prepared is
 * the proof that the schema is there. prove writes what opens a session of a
 * kind (rules.admit) that began so, QUERY_PROOF_MAX bytes. All must stay.
 */
void	       db_start(const struct db_settings *,
	      const struct query *const begin[CALLER_KINDS],
	      void (*prove)(enum caller_kind, const char *, char *));
enum db_answer db_send(struct db_call *);
/* One that is not sent yet is forgotten, without done(); false: it is sent. */
bool db_withdraw(struct db_call *);
/*
 * Sends on a connection that has nothing to do: one for reads or writes, each
 * in turn, unless the pool is DB_PROBE; else one that serves nobody (DB_PROBE).
 * False: there is none.
 */
bool db_send_idle(struct db_call *);
/* Whether a caller kind has a working connection of that pool. */
bool db_up(enum caller_kind, enum db_pool);
/*
 * Of one that has none: why. Of several reasons the last in the list, which
 * tells most.
 */
enum db_loss db_lost(enum caller_kind, enum db_pool);
/* Whether a session of the kind was found to be others' as well. */
bool db_is_pooled(enum caller_kind);
/* Calls sent and not yet done. */
unsigned db_inflight(void);
/* For metrics: connections that are up, of how many, and what they prepared. */
unsigned db_connected(void);
unsigned db_expected(void);
unsigned db_prepared(void);
/* Backends of connections that were given up, which may be there still. */
unsigned db_abandoned(void);
void	 db_stop(void);

#endif
