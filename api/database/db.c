/*
 * The pools. What a turn of the event loop sends is flushed once, by a timer
 * that runs at the end of that turn; the same place tears down connections
 * that broke while sending, so that no completion runs inside db_send().
 */
#include <stdlib.h>
#include <string.h>

#include "db_conn.h"

#define INFLIGHT_MAX 256 /* calls per connection */
#define TICK_MS	     100
#define STALL_MS     10000
#define REST_MS	     1000 /* without a call, until memory is given back */

static struct pool {
	size_t		count;
	struct db_conn *conn;
} pools[CALLER_KINDS][DB_POOLS];

static bool turn_armed;

static size_t	       size_of(enum caller_kind, enum db_pool,
	     const struct db_settings *);
static int	       send_on(struct db_conn *, struct db_call *);
static struct db_conn *choose(const struct pool *);
static void	       mark_dirty(struct db_conn *);
static void	       end_of_turn(void *, u_int64_t);
static void	       tick(void *, u_int64_t);

#define FOREACH_CONN(k, p, i, c)                                 \
	for (k = 0; k < CALLER_KINDS; k++)                       \
		for (p = 0; p < DB_POOLS; p++)                   \
			for (i = 0; i < pools[k][p].count &&     \
			     (c = &pools[k][p].conn[i]) != NULL; \
			     i++)

void
db_start(const struct db_settings *settings,
    const struct query *const	   begin[CALLER_KINDS])
{
	struct db_conn *c;
	size_t		k, p, i;

	for (k = 0; k < CALLER_KINDS; k++) {
		for (p = 0; p < DB_POOLS; p++) {
			pools[k][p].count = size_of((enum caller_kind)k,
			    (enum db_pool)p, settings);
			pools[k][p].conn =
			    calloc(pools[k][p].count, sizeof(struct db_conn));
			if (pools[k][p].conn == NULL)
				fatal("out of memory");
		}
	}
	FOREACH_CONN(k, p, i, c)
	{
		db_conn_init(c, (enum caller_kind)k, settings->url, begin[k]);
		db_conn_start(c);
	}
	kore_timer_add(tick, TICK_MS, NULL, 0);
}

static size_t
size_of(enum caller_kind kind, enum db_pool pool,
    const struct db_settings *settings)
{
	if (pool == DB_PROBE)
		return kind == CALLER_PUBLIC;
	/* The public and telephony clients only read, yet. */
	if (kind == CALLER_PUBLIC || kind == CALLER_TELEPHONY)
		return 1;
	return (size_t)settings->connections[pool];
}

int
db_send(struct db_call *call)
{
	struct db_conn *c = choose(&pools[call->kind][call->pool]);

	/* One that is just being opened anew is no reason to refuse. */
	if (c == NULL && call->pool == DB_SLOW)
		c = choose(&pools[call->kind][DB_WRITE]);
	if (c == NULL || c->inflight >= INFLIGHT_MAX)
		return -1;
	return send_on(c, call);
}

static int
send_on(struct db_conn *c, struct db_call *call)
{
	mark_dirty(c);
	if (db_conn_send(c, call))
		return 0;
	c->broken = true;
	return -1;
}

/* The connection with the least to do; NULL if none is up. */
static struct db_conn *
choose(const struct pool *pool)
{
	struct db_conn *c = NULL;
	size_t		i;

	for (i = 0; i < pool->count; i++)
		if (pool->conn[i].state == DB_UP && !pool->conn[i].broken &&
		    (c == NULL || pool->conn[i].inflight < c->inflight))
			c = &pool->conn[i];
	return c;
}

/* The pools in which a probe looks: those that serve, or its own. */
#define FOREACH_PROBED(call_pool, p)                           \
	for (p = (call_pool) == DB_PROBE ? DB_PROBE : DB_READ; \
	     p <= ((call_pool) == DB_PROBE ? DB_PROBE : DB_WRITE); p++)

/* The one that has been silent longest, so that each has its turn. */
int
db_send_idle(struct db_call *call)
{
	struct db_conn *c, *idle = NULL;
	size_t		i, p;

	FOREACH_PROBED(call->pool, p)
	for (i = 0; i < pools[call->kind][p].count; i++) {
		c = &pools[call->kind][p].conn[i];
		if (c->state == DB_UP && !c->broken && c->inflight == 0 &&
		    (idle == NULL || c->progress < idle->progress))
			idle = c;
	}
	return idle == NULL ? -1 : send_on(idle, call);
}

bool
db_up(enum caller_kind kind, enum db_pool pool)
{
	size_t p;

	FOREACH_PROBED(pool, p)
	if (choose(&pools[kind][p]) == NULL)
		return false;
	return true;
}

uint64_t
db_heard(enum caller_kind kind)
{
	const struct db_conn *c;
	uint64_t	      heard = 0;
	size_t		      i, p;

	FOREACH_PROBED(DB_READ, p)
	for (i = 0; i < pools[kind][p].count; i++) {
		c = &pools[kind][p].conn[i];
		if (c->state == DB_UP)
			heard = MAX(heard, c->progress);
	}
	return heard;
}

unsigned
db_inflight(void)
{
	struct db_conn *c;
	unsigned	n = 0;
	size_t		k, p, i;

	FOREACH_CONN(k, p, i, c)
	n += c->inflight;
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
 * statement_timeout and lock_timeout let any statement take. libpq never makes
 * its buffers smaller: a connection that has carried a large body starts anew.
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
			else if (c->swollen && c->inflight == 0 &&
			    now > c->progress + REST_MS)
				db_conn_renew(c);
		} else if (now >= c->retry_at) {
			if (c->state == DB_DOWN)
				db_conn_start(c);
			else
				db_conn_fail(c, "connect timed out");
		}
	}
}
