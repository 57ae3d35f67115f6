/*
 * As many backends as a pool has connections, and half as many again whose
 * connections were given up: when a standby that commits wait for is away, each
 * write leaves one behind, and opening others without end would leave
 * max_connections for nobody. Reads have pools of their own.
 */
#include "db_room.h"

#define ASK_MS 2000 /* between two questions for those given up */

static size_t count_up(const struct db_group *);
static bool   is_opening(const struct db_group *);

bool
db_room_is_left(const struct db_group *group)
{
	return group->left.n + count_up(group) <
	    group->count + MAX(group->count / 2, 1);
}

static size_t
count_up(const struct db_group *group)
{
	size_t i, n = 0;

	for (i = 0; i < group->count; i++)
		n += group->conn[i].state == DB_UP;
	return n;
}

/* Without room one at a time connects, asks who is still there, and goes. */
bool
db_room_may_open(const struct db_group *group)
{
	return db_room_is_left(group) || !is_opening(group);
}

static bool
is_opening(const struct db_group *group)
{
	size_t i;

	for (i = 0; i < group->count; i++)
		if (group->conn[i].state == DB_CONNECTING ||
		    group->conn[i].state == DB_PREPARING)
			return true;
	return false;
}

/* Those that are down ask anyway. */
bool
db_room_is_to_ask(struct db_group *group, u_int64_t now)
{
	if (group->left.n == 0 || now < group->asked_at + ASK_MS ||
	    count_up(group) < group->count)
		return false;
	group->asked_at = now;
	return true;
}
