/*
 * The first of everybody goes before the second of anybody (common/turns.c),
 * and nobody waits longer than somebody waits for an answer.
 */
#include <stddef.h>

#include "db_turn.h"

#define CALL_OF(turn)                                                       \
	((struct db_call *)(void *)((char *)(turn)-offsetof(struct db_call, \
	    turn)))

static struct db_conn *find_idle(const struct db_group *);
static bool	       is_gone(const struct db_group *);

static u_int64_t queue_ms;

void
db_turn_start(struct db_group *group, size_t waiting, size_t waiting_each,
    long seconds)
{
	queue_ms = (u_int64_t)seconds * 1000;
	turns_start(&group->turns, group->count, MAX(group->count / 2, 1),
	    waiting, waiting_each);
}

enum db_answer
db_turn_send(struct db_group *group, struct db_call *call)
{
	struct turns *t = &group->turns;

	if (is_gone(group))
		return DB_GONE;
	call->turn.key = call->key;
	call->turn.until = kore_time_ms() + queue_ms;
	if (!turns_join(t, &call->turn))
		return share_held(&t->waiting, call->key) == t->waiting.each ?
		    DB_SHARE :
		    DB_BUSY;
	call->waits = true;
	db_turn_serve(group);
	return DB_SENT;
}

void
db_turn_serve(struct db_group *group)
{
	struct db_conn *c;
	struct db_call *call;
	struct turn    *turn;

	while ((c = find_idle(group)) != NULL &&
	    (turn = turns_next(&group->turns)) != NULL) {
		call = CALL_OF(turn);
		call->waits = false;
		db_group_send(c, call);
	}
}

bool
db_turn_withdraw(struct db_group *group, struct db_call *call)
{
	if (!call->waits)
		return false;
	turns_leave(&group->turns, &call->turn);
	call->waits = false;
	return true;
}

void
db_turn_ended(struct db_group *group, struct db_call *call)
{
	turns_end(&group->turns, &call->turn);
}

static struct db_conn *
find_idle(const struct db_group *group)
{
	size_t i;

	for (i = 0; i < group->count; i++)
		if (group->conn[i].state == DB_UP && !group->conn[i].broken &&
		    group->conn[i].inflight == 0)
			return &group->conn[i];
	return NULL;
}

/* One that is just being opened anew is no reason to refuse. */
static bool
is_gone(const struct db_group *group)
{
	size_t i;

	for (i = 0; i < group->count; i++)
		if (group->conn[i].state == DB_UP ||
		    group->conn[i].backoff == 0)
			return false;
	return true;
}

void
db_turn_tick(struct db_group *group, u_int64_t now)
{
	struct db_call *call;
	struct turn    *turn;

	db_turn_serve(group); /* by connections that have come up */
	while ((turn = turns_late(&group->turns, now)) != NULL) {
		call = CALL_OF(turn);
		call->waits = false;
		call->late = true;
		call->done(call, NULL);
	}
}
