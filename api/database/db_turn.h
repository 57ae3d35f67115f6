/*
 * Whose call goes next, and on which connection (common/turns.h). For db.c.
 */
#ifndef CASEWORK_DB_TURN_H
#define CASEWORK_DB_TURN_H

#include "db_group.h"

/* Once the group knows how many connections it has; seconds: longest wait. */
void db_turn_start(struct db_group *, enum db_pool, long seconds);
/* Sends, or lets wait; what cannot be served in time is refused at once. */
enum db_answer db_turn_send(struct db_group *, struct db_call *);
/* One that goes without a turn. */
void db_turn_skip(struct db_call *);
/* Whether it has waited, and waits no more. */
bool db_turn_withdraw(struct db_group *, struct db_call *);
/* A call has left its connection. */
void db_turn_ended(struct db_group *, struct db_call *);
/* Connections that have room get those who wait. */
void db_turn_serve(struct db_group *);
/* Whether calls had to leave a queue for others, and are to be finished. */
bool db_turn_has_left(void);
void db_turn_finish_left(void);
/* Ten times a second: connections that came up, and calls whose time is up. */
void db_turn_tick(struct db_group *, u_int64_t now);

#endif
