/*
 * Calls that others would have to wait for, since they are slow or wait for a
 * lock: they take turns. One at a time on each connection, and a queue in
 * front of them. For db.c.
 */
#ifndef CASEWORK_DB_TURN_H
#define CASEWORK_DB_TURN_H

#include "db_group.h"

/*
 * Once the group has its connections. waiting: the longest queue, of which a
 * key may have waiting_each; seconds: the longest wait.
 */
void db_turn_start(struct db_group *, size_t waiting, size_t waiting_each,
    long seconds);
/* Sends, or lets wait; what cannot be served in time is refused at once. */
enum db_answer db_turn_send(struct db_group *, struct db_call *);
/* Whether it has waited, and waits no more. */
bool db_turn_withdraw(struct db_group *, struct db_call *);
/* A call that had its turn has left its connection. */
void db_turn_ended(struct db_group *, struct db_call *);
/* Connections that have nothing to do get those who wait. */
void db_turn_serve(struct db_group *);
/* Ten times a second: connections that came up, and calls whose time is up. */
void db_turn_tick(struct db_group *, u_int64_t now);

#endif
