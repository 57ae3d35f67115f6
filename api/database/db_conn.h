/*
 * What can be done with a connection. Private to this folder.
 */
#ifndef CASEWORK_DB_CONN_H
#define CASEWORK_DB_CONN_H

#include "db_state.h"

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
