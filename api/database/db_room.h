/*
 * How many connections a pool may open. Private to this folder.
 */
#ifndef CASEWORK_DB_ROOM_H
#define CASEWORK_DB_ROOM_H

#include "db_group.h"

/* Whether one more may be up. */
bool db_room_is_left(const struct db_group *);
/* Whether one more may be opened, and be it to ask whether there is room. */
bool db_room_may_open(const struct db_group *);
/* Whether a connection that rests is to be opened anew, since that asks. */
bool db_room_is_to_ask(struct db_group *, u_int64_t now);

#endif
