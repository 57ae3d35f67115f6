/*
 * The pools. What a turn of the event loop sends is flushed once, by a timer
 * that runs at the end of that turn; the same place tears down connections
 * that broke while sending, so that no completion runs inside db_send().
 */
#include <stdlib.h>
#include <string.h>

#include "db.h"
#include "db_turn.h"

#define INFLIGHT_MAX 256 /* calls per connection */
#define SHARE	     64	 /* calls of one key in flight, of a pool */
#define FEW	     2	 /* connections of kinds that hardly write */
#define READ_MS	     500 /* a statement; one that takes longer is slow */
#define STUCK_MS     100 /* without an answer: rather another connection */
#define TICK_MS	     100
#define STALL_MS     10000
#define REST_MS	     1000 /* without a call, until memory is given back */

/*
 * Calls that wait for their turn, of a group and of one key. Reads share their
 * connections: none may take long. Writes do not: they wait for locks, and
 * whoever stood behind them in a pipeline would wait as well.
 */
static const size_t waiting[DB_POOLS] = { [DB_WRITE] = 256, [DB_SLOW] = 64 };
static const size_t waiting_each[DB_POOLS] = { [DB_WRITE] = 64, [DB_SLOW] = 8 };

static struct db_group groups[CALLER_KINDS][DB_POOLS];

static bool turn_armed;

static void	       start_group(enum caller_kind, enum db_pool,
	       const struct db_settings *, const struct query *);
static size_t	       size_of(enum caller_kind, enum db_pool,
	     const struct db_settings *);
static enum db_answer  send_shared(struct db_group *, struct db_call *);
static void	       ended(struct db_conn *, struct db_call *);
static bool	       takes_turns(enum db_pool);
static struct db_conn *idlest(const struct db_group *, struct db_conn *);
static struct db_conn *choose(const struct db_group *);
static void	       mark_dirty(struct db_conn *);
static void	       end_of_turn(void *, u_int64_t);
static void	       tick(void *, u_int64_t);

#define FOREACH_CONN(k, p, i, c)                                  \
	for (k = 0; k < CALLER_KINDS; k++)                        \
		for (p = 0; p < DB_POOLS; p++)                    \
			for (i = 0; i < groups[k][p].count &&     \
			     (c = &groups[k][p].conn[i]) != NULL; \
			     i++)

void
db_start(const struct db_settings *settings,
    const struct query *const	   begin[CALLER_KINDS],
    void (*prove)(enum caller_kind, int, char *))
{
	struct db_conn *c;
	size_t		k, p, i;

	for (k = 0; k < CALLER_KINDS; k++)
		for (p = 0; p < DB_POOLS; p++)
			start_group((enum caller_kind)k, (enum db_pool)p,
			    settings, begin[k]);
	FOREACH_CONN(k, p, i, c)
	c->prove = prove;
	FOREACH_CONN(k, p, i, c)
	db_conn_start(c);
	kore_timer_add(tick, TICK_MS, NULL, 0);
}

static void
start_group(enum caller_kind kind, enum db_pool p,
    const struct db_settings *settings, const struct query *begin)
{
	struct db_group *group = &groups[kind][p];
	size_t		 i;

	group->count = size_of(kind, p, settings);
	group->share.all = group->count * INFLIGHT_MAX;
	group->share.each = SHARE;
	if (takes_turns(p))
		db_turn_start(group, waiting[p], waiting_each[p],
		    settings->queue_seconds);
	group->conn = calloc(group->count, sizeof(*group->conn));
	if (group->conn == NULL)
		fatal("out of memory");
	for (i = 0; i < group->count; i++) {
		group->conn[i].kind = kind;
		group->conn[i].pool = p;
		group->conn[i].url = settings->url;
		group->conn[i].timeout = p == DB_READ ? READ_MS : 0;
		group->conn[i].begin = begin;
		group->conn[i].ended = ended;
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
	struct db_group *group = &groups[call->kind][call->pool];

	call->waits = call->late = false;
	call->turn.key = NULL;
	return takes_turns(call->pool) ? db_turn_send(group, call) :
					 send_shared(group, call);
}

static enum db_answer
send_shared(struct db_group *group, struct db_call *call)
{
	struct db_conn *c = choose(group);

	if (c == NULL)
		return DB_GONE;
	if (c->inflight >= INFLIGHT_MAX)
		return DB_BUSY;
	if (!share_take(&group->share, call->key, 1))
		return DB_SHARE;
	db_group_send(c, call);
	return DB_SENT;
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
	if (idle == NULL ||
	    !share_take(&groups[idle->kind][idle->pool].share, call->key, 1))
		return false;
	call->waits = call->late = false;
	call->turn.key = NULL;
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
		if (c->state == DB_UP && !c->broken && c->inflight == 0 &&
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
	return choose(&groups[kind][pool]) != NULL;
}

static void
ended(struct db_conn *c, struct db_call *call)
{
	struct db_group *group = &groups[c->kind][c->pool];

	if (call->turn.key != NULL)
		db_turn_ended(group, call);
	else
		share_give(&group->share, call->key, 1);
	if (takes_turns(c->pool))
		db_turn_serve(group);
}

static bool
takes_turns(enum db_pool p)
{
	return waiting[p] > 0;
}

/*
 * The connection with the least to do, of those that get on if there are any;
 * NULL if none is up.
 */
static struct db_conn *
choose(const struct db_group *group)
{
	struct db_conn *c, *best = NULL;
	bool		stuck, best_stuck = false;
	size_t		i;

	for (i = 0; i < group->count; i++) {
		c = &group->conn[i];
		if (c->state != DB_UP || c->broken)
			continue;
		if (c->inflight == 0)
			return c;
		stuck = kore_time_ms() > c->progress + STUCK_MS;
		if (best == NULL || stuck < best_stuck ||
		    (stuck == best_stuck && c->inflight < best->inflight)) {
			best = c;
			best_stuck = stuck;
		}
	}
	return best;
}

unsigned
db_inflight(void)
{
	struct db_conn *c;
	unsigned	n = 0;
	size_t		k, p, i;

	FOREACH_CONN(k, p, i, c)
	n += c->inflight;
	for (k = 0; k < CALLER_KINDS; k++)
		for (p = 0; p < DB_POOLS; p++)
			n += (unsigned)groups[k][p].turns.waiting.taken;
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

	FOREACH_CONN(k, p, i, c)
	db_conn_stop(c);
}

static void
mark_dirty(struct db_conn *c)
{
	c->dirty = true;
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
			db_conn_fail(c, "send");
		else if (c->dirty && c->pg != NULL)
			(void)db_conn_flush(c);
	}
}

/*
 * Reconnects, and gives up on a server that hangs without closing: longer than
 * statement_timeout and lock_timeout let any statement take. A connection that
 * is worn starts anew when it rests.
 */
static void
tick(void *arg, u_int64_t now)
{
	struct db_conn *c;
	size_t		k, p, i;

	(void)arg;
	FOREACH_CONN(k, p, i, c)
	{
		if (c->state == DB_UP) {
			if (c->inflight > 0 && now > c->progress + STALL_MS)
				db_conn_fail(c, "no answer for 10 seconds");
			else if (c->worn && c->inflight == 0 &&
			    now > c->progress + REST_MS)
				db_conn_renew(c);
		} else if (now >= c->retry_at) {
			if (c->state == DB_DOWN)
				db_conn_start(c);
			else
				db_conn_fail(c, "connect timed out");
		}
	}
	for (k = 0; k < CALLER_KINDS; k++)
		for (p = 0; p < DB_POOLS; p++)
			if (takes_turns((enum db_pool)p))
				db_turn_tick(&groups[k][p], now);
}
