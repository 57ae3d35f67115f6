/*
 * Slow calls, which take turns: one at a time on each connection, and a queue
 * in front of them. For db.c.
 */
#ifndef CASEWORK_DB_SLOW_H
#define CASEWORK_DB_SLOW_H

#include "db_group.h"

/* Once the group has its connections. seconds: the longest wait. */
void db_slow_start(struct db_group *, long seconds);
/* Sends, or lets wait; what cannot be served in time is refused at once. */
enum db_answer db_slow_send(struct db_group *, struct db_call *);
/* Whether it has waited, and waits no more. */
bool db_slow_withdraw(struct db_group *, struct db_call *);
/* A call has left its connection. */
void db_slow_ended(struct db_group *, struct db_call *);
/* Ten times a second: connections that came up, and calls whose time is up. */
void db_slow_tick(struct db_group *, u_int64_t now);

#endif
