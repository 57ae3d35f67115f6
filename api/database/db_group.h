/*
 * The connections of one pool and caller kind. Private to db.c and db_turn.c.
 */
#ifndef CASEWORK_DB_GROUP_H
#define CASEWORK_DB_GROUP_H

#include "db_conn.h"

struct db_group {
	size_t		count;
	struct db_conn *conn;
	size_t		depth; /* calls in flight, of a connection */
	struct turns	turns;
	struct backends left;	  /* of connections that were given up */
	u_int64_t	asked_at; /* ms: whether they are there still */
};

/* False: it is torn down at the end of the turn, or was. */
bool db_group_is_up(const struct db_conn *);
/* Sends, and sees to it that it leaves at the end of the turn; of db.c. */
void db_group_send(struct db_conn *, struct db_call *);

#endif
