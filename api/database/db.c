/*
 * The pools. What a turn of the event loop sends is flushed once, by a timer
 * that runs at the end of that turn; the same place tears down connections
 * that broke while sending, so that no completion runs inside db_send().
 */
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "db_open.h"
#include "db_room.h"
#include "db_turn.h"

#define FEW	 2   /* connections of kinds that hardly write */
#define READ_MS	 150 /* a statement; one that takes longer is slow */
#define TICK_MS	 100
#define REST_MS	 1000 /* without a call, until memory is given back */
#define SCOUT_MS 5000 /* between two looks for a better server */

static struct db_group groups[CALLER_KINDS][DB_POOLS];

static bool makes_do[CALLER_KINDS]; /* with a server that is second choice */
static bool turn_armed;
static bool stopping;

static void	       start_group(enum caller_kind, enum db_pool,
	       const struct db_settings *, const struct query *);
static size_t	       size_of(enum caller_kind, enum db_pool,
	     const struct db_settings *);
static void	       ended(struct db_conn *, struct db_call *);
static struct db_conn *idlest(const struct db_group *, struct db_conn *);
static void	       mark_dirty(struct db_conn *);
static void	       arm_end_of_turn(void);
static void	       end_of_turn(void *, u_int64_t);
static void	       tick(void *, u_int64_t);
static void	       look_after(struct db_conn *, u_int64_t);
static bool	       finds_better(const struct db_conn *, u_int64_t);
static bool	       has_room(const struct db_conn *);

#define FOREACH_GROUP(k, p)                \
	for (k = 0; k < CALLER_KINDS; k++) \
		for (p = 0; p < DB_POOLS; p++)

#define FOREACH_CONN(k, p, i, c)                                            \
	FOREACH_GROUP(k, p)                                                 \
	for (i = 0;                                                         \
	     i < groups[k][p].count && (c = &groups[k][p].conn[i]) != NULL; \
	     i++)

void
db_start(const struct db_settings *settings,
    const struct query *const	   begin[CALLER_KINDS],
    void (*prove)(enum caller_kind, const char *, char *))
{
	struct db_conn *c;
	size_t		k, p, i;

	FOREACH_GROUP(k, p)
	start_group((enum caller_kind)k, (enum db_pool)p, settings, begin[k]);
	FOREACH_CONN(k, p, i, c)
	c->prove = prove;
	FOREACH_CONN(k, p, i, c)
	db_open_start(c);
	kore_timer_add(tick, TICK_MS, NULL, 0);
}

static void
start_group(enum caller_kind kind, enum db_pool p,
    const struct db_settings *settings, const struct query *begin)
{
	struct db_group *group = &groups[kind][p];
	size_t		 i;

	group->count = size_of(kind, p, settings);
	db_turn_start(group, p, settings->queue_seconds);
	group->conn = calloc(group->count, sizeof(*group->conn));
	if (group->conn == NULL)
		fatal("out of memory");
	for (i = 0; i < group->count; i++) {
		group->conn[i].kind = kind;
		group->conn[i].pool = p;
		group->conn[i].timeout = p == DB_READ ? READ_MS : 0;
		group->conn[i].begin = begin;
		group->conn[i].ended = ended;
		group->conn[i].left = &group->left;
		group->conn[i].has_room = has_room;
		db_conn_init(&group->conn[i]);
	}
}

static size_t
size_of(enum caller_kind kind, enum db_pool p,
    const struct db_settings *settings)
{
	if (p == DB_PROBE) /* the public's is asked for writing as well */
		return kind == CALLER_PUBLIC ? 2 : 1;
	if (kind == CALLER_PUBLIC || kind == CALLER_TELEPHONY)
		return MIN((size_t)settings->connections[p], FEW);
	return (size_t)settings->connections[p];
}

enum db_answer
db_send(struct db_call *call)
{
	enum db_answer answer;

	answer = db_turn_send(&groups[call->kind][call->pool], call);
	if (db_turn_has_left())
		arm_end_of_turn();
	return answer;
}

void
db_group_send(struct db_conn *c, struct db_call *call)
{
	mark_dirty(c);
	db_conn_send(c, call);
}

bool
db_send_idle(struct db_call *call)
{
	struct db_conn *idle = NULL;

	if (call->pool != DB_PROBE)
		idle = idlest(&groups[call->kind][DB_READ],
		    idlest(&groups[call->kind][DB_WRITE], NULL));
	if (idle == NULL)
		idle = idlest(&groups[call->kind][DB_PROBE], NULL);
	if (idle == NULL)
		return false;
	db_turn_skip(call);
	db_group_send(idle, call);
	return true;
}

/* Of those with nothing to do, the one that has been silent longest. */
static struct db_conn *
idlest(const struct db_group *group, struct db_conn *best)
{
	struct db_conn *c;
	size_t		i;

	for (i = 0; i < group->count; i++) {
		c = &group->conn[i];
		if (db_group_is_up(c) && c->inflight == 0 &&
		    (best == NULL || c->progress < best->progress))
			best = c;
	}
	return best;
}

bool
db_withdraw(struct db_call *call)
{
	return db_turn_withdraw(&groups[call->kind][call->pool], call);
}

bool
db_up(enum caller_kind kind, enum db_pool pool)
{
	const struct db_group *group = &groups[kind][pool];
	size_t		       i;

	for (i = 0; i < group->count; i++)
		if (db_group_is_up(&group->conn[i]))
			return true;
	return false;
}

bool
db_is_pooled(enum caller_kind kind)
{
	struct db_conn *c;
	size_t		p, i;

	for (p = 0; p < DB_POOLS; p++)
		for (i = 0; i < groups[kind][p].count; i++) {
			c = &groups[kind][p].conn[i];
			if (c->state != DB_UP && c->lost == DB_LOSS_POOLED)
				return true;
		}
	return false;
}

enum db_loss
db_lost(enum caller_kind kind, enum db_pool pool)
{
	const struct db_group *group = &groups[kind][pool];
	enum db_loss	       loss = DB_LOSS_NONE;
	size_t		       i;

	for (i = 0; i < group->count; i++)
		loss = MAX(loss, group->conn[i].lost);
	return loss;
}

bool
db_group_is_up(const struct db_conn *c)
{
	return c->state == DB_UP && !c->broken && !c->leaving;
}

static void
ended(struct db_conn *c, struct db_call *call)
{
	struct db_group *group = &groups[c->kind][c->pool];

	db_turn_ended(group, call);
	if (!stopping)
		db_turn_serve(group);
}

unsigned
db_inflight(void)
{
	struct db_conn *c;
	unsigned	n = 0;
	size_t		k, p, i;

	FOREACH_CONN(k, p, i, c)
	n += c->inflight;
	FOREACH_GROUP(k, p)
	n += (unsigned)groups[k][p].turns.waiting;
	return n;
}

unsigned
db_connected(void)
{
	struct db_conn *c;
	unsigned	n = 0;
	size_t		k, p, i;

	FOREACH_CONN(k, p, i, c)
	n += c->state == DB_UP;
	return n;
}

unsigned
db_expected(void)
{
	unsigned n = 0;
	size_t	 k, p;

	FOREACH_GROUP(k, p)
	n += (unsigned)groups[k][p].count;
	return n;
}

unsigned
db_abandoned(void)
{
	unsigned n = 0;
	size_t	 k, p;

	FOREACH_GROUP(k, p)
	n += (unsigned)groups[k][p].left.n;
	return n;
}

unsigned
db_prepared(void)
{
	struct db_conn *c;
	unsigned	n = 0;
	size_t		k, p, i;

	FOREACH_CONN(k, p, i, c)
	n += c->state == DB_UP ? c->prepared.popular.taken : 0;
	return n;
}

void
db_stop(void)
{
	struct db_conn *c;
	size_t		k, p, i;

	stopping = true;
	FOREACH_CONN(k, p, i, c)
	db_conn_stop(c);
}

static void
mark_dirty(struct db_conn *c)
{
	c->dirty = true;
	arm_end_of_turn();
}

static void
arm_end_of_turn(void)
{
	if (!turn_armed) {
		turn_armed = true;
		kore_timer_add(end_of_turn, 0, NULL, KORE_TIMER_ONESHOT);
	}
}

static void
end_of_turn(void *arg, u_int64_t now)
{
	struct db_conn *c;
	size_t		k, p, i;

	(void)arg;
	(void)now;
	turn_armed = false;
	FOREACH_CONN(k, p, i, c)
	{
		if (c->broken)
			db_conn_fail(c, DB_LOSS_ENDED, "send");
		else if (c->dirty && c->pg != NULL)
			(void)db_conn_flush(c);
	}
	db_turn_finish_left();
}

static void
tick(void *arg, u_int64_t now)
{
	struct db_conn *c;
	size_t		k, p, i;

	(void)arg;
	memset(makes_do, 0, sizeof(makes_do));
	FOREACH_CONN(k, p, i, c)
	makes_do[k] |= c->state == DB_UP && c->fit == HOSTS_SECOND;
	FOREACH_CONN(k, p, i, c)
	{
		if (c->state == DB_UP)
			look_after(c, now);
		else if (now < c->retry_at)
			continue;
		else if (c->state != DB_DOWN)
			db_conn_fail(c, DB_LOSS_TIMEOUT, "connect timed out");
		else if (db_room_may_open(&groups[k][p]))
			db_open_start(c);
	}
	FOREACH_GROUP(k, p)
	db_turn_tick(&groups[k][p], now);
}

/*
 * Gives up on a server that says nothing for longer than a statement may take.
 * A connection that is worn starts anew when it rests, and one that is in the
 * wrong place when what it has begun has ended.
 */
static void
look_after(struct db_conn *c, u_int64_t now)
{
	long limit = db_conn_limit(c);

	c->fit = hosts_refit(&c->backend, c->pg);
	c->leaving |= c->fit == HOSTS_UNFIT || hosts_is_left(&c->turn);
	if (c->inflight > 0) {
		if (limit > 0 && now > c->progress + (u_int64_t)limit)
			db_conn_give_up(c);
		return;
	}
	if (c->leaving || finds_better(c, now))
		db_conn_move(c);
	else if ((c->worn && now > c->progress + REST_MS) ||
	    db_room_is_to_ask(&groups[c->kind][c->pool], now))
		db_conn_renew(c);
}

/*
 * While connections of a kind make do, the one that serves nobody looks now and
 * then for a server that is what is wanted. It may take its own for one still:
 * nobody has asked it. When it has found one, the others follow.
 */
static bool
finds_better(const struct db_conn *c, u_int64_t now)
{
	const struct db_group *probes = &groups[c->kind][DB_PROBE];
	const struct db_conn  *scout = &probes->conn[probes->count - 1];

	if (c == scout)
		return makes_do[c->kind] && now > c->since + SCOUT_MS;
	return c->fit == HOSTS_SECOND && scout->state == DB_UP &&
	    scout->fit == HOSTS_FIRST && scout->since > c->since;
}

static bool
has_room(const struct db_conn *c)
{
	return db_room_is_left(&groups[c->kind][c->pool]);
}
