/*
 * The first of everybody goes before the second of anybody (common/turns.c),
 * and nobody waits longer than somebody waits for an answer.
 */
#include <stddef.h>

#include "db_turn.h"

#define STUCK_MS 20 /* without an answer: nobody is put behind it */

#define CALL_OF(t) \
	((struct db_call *)(void *)((char *)(t)-offsetof(struct db_call, turn)))

/*
 * Reads share their connections, since each is answered in a moment: as many
 * are in flight as keep a connection busy, and the others can still be put in
 * order. Writes wait for locks, and whoever stood behind one would wait as
 * well: they and what is slow go one at a time.
 */
static const struct {
	size_t depth;	/* calls in flight, of a connection */
	size_t part;	/* of all in flight a key may have one in so many */
	size_t waiting; /* the longest queue */
	size_t each;	/* of a key, waiting or in flight */
} limits[DB_POOLS] = {
	[DB_READ] = { .depth = 8, .part = 4, .waiting = 512, .each = 64 },
	[DB_WRITE] = { .depth = 1, .part = 2, .waiting = 256, .each = 64 },
	[DB_SLOW] = { .depth = 1, .part = 2, .waiting = 64, .each = 9 },
	[DB_PROBE] = { .depth = 1, .part = 1, .waiting = 0, .each = 1 },
};

static struct db_conn *find_room(const struct db_group *);
static bool	       is_gone(const struct db_group *);

static TAILQ_HEAD(, db_call) left = TAILQ_HEAD_INITIALIZER(left);
static u_int64_t queue_ms;

void
db_turn_start(struct db_group *group, enum db_pool pool, long seconds)
{
	size_t all = group->count * limits[pool].depth;
	size_t each = MAX(all / limits[pool].part, 1);

	queue_ms = (u_int64_t)seconds * 1000;
	group->depth = limits[pool].depth;
	turns_start(&group->turns, all, MIN(each, limits[pool].each),
	    limits[pool].waiting, limits[pool].each);
}

enum db_answer
db_turn_send(struct db_group *group, struct db_call *call)
{
	struct turn *other;

	call->waits = call->late = call->crowded_out = false;
	if (is_gone(group))
		return DB_GONE;
	/* Reads that are slow need one that does not wait for a standby. */
	if (call->writes && call->pool == DB_SLOW && group->left.n > 0)
		return DB_BUSY;
	call->turn.until = kore_time_ms() + queue_ms;
	switch (turns_join(&group->turns, &call->turn, call->key, &other)) {
	case TURN_SHARE:
		return DB_SHARE;
	case TURN_FULL:
		return DB_BUSY;
	case TURN_WAITS:
		break;
	}
	if (other != NULL) {
		CALL_OF(other)->crowded_out = true;
		TAILQ_INSERT_TAIL(&left, CALL_OF(other), list);
	}
	call->waits = true;
	db_turn_serve(group);
	return DB_SENT;
}

void
db_turn_skip(struct db_call *call)
{
	call->waits = call->late = call->crowded_out = false;
	call->turn.of = NULL;
}

void
db_turn_serve(struct db_group *group)
{
	struct db_conn *c;
	struct db_call *call;
	struct turn    *turn;

	while (group->turns.waiting > 0 && (c = find_room(group)) != NULL &&
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
	if (call->crowded_out)
		TAILQ_REMOVE(&left, call, list);
	else
		turns_leave(&group->turns, &call->turn);
	call->waits = false;
	return true;
}

void
db_turn_ended(struct db_group *group, struct db_call *call)
{
	if (call->turn.of != NULL)
		turns_end(&group->turns, &call->turn);
}

/*
 * The connection with the least to do, of those that get on; NULL: none has
 * room.
 */
static struct db_conn *
find_room(const struct db_group *group)
{
	struct db_conn *c, *best = NULL;
	size_t		i;

	for (i = 0; i < group->count; i++) {
		c = &group->conn[i];
		if (!db_group_is_up(c) || c->inflight >= group->depth)
			continue;
		if (c->inflight == 0)
			return c;
		if (kore_time_ms() <= c->progress + STUCK_MS &&
		    (best == NULL || c->inflight < best->inflight))
			best = c;
	}
	return best;
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

bool
db_turn_has_left(void)
{
	return !TAILQ_EMPTY(&left);
}

void
db_turn_finish_left(void)
{
	struct db_call *call;

	while ((call = TAILQ_FIRST(&left)) != NULL) {
		TAILQ_REMOVE(&left, call, list);
		call->waits = false;
		call->done(call, NULL);
	}
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
