/*
 * The timers: every function rules.timer_<name>(int) that the database has,
 * called about once a second, and again at once while there is work. Between
 * two looks the thread waits for a notification; that it does stands in
 * casework.worker_wait, so that nobody notifies a worker that is awake.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "monotonic.h"
#include "session.h"
#include "stopping.h"
#include "thread_log.h"
#include "timers.h"
#include "wake.h"

#define TIMERS_MAX  64
#define NAME_MAX_   64	     /* as PostgreSQL has it, with its NUL */
#define AWAKE_MS    200	     /* between two looks while awake */
#define MEASURE_US  1000000  /* between two looks at the queue */
#define LINGER_US   1000000  /* awake without work before falling asleep */
#define DISCOVER_US 60000000 /* a deployment may bring new timers */
#define STALE_US    10000000 /* late with an answer: not ready */
#define REST_MAX_S  60	     /* of a timer that fails, between attempts */

static const char find_timers[] =
    "select p.proname, format('select rules.%I($1::int)', p.proname)"
    " from pg_catalog.pg_proc p"
    " where p.pronamespace = 'rules'::regnamespace"
    " and p.proname like 'timer\\_%' and p.pronargs = 1"
    " and p.proargtypes[0] = 'int4'::regtype"
    " and p.prorettype = 'int4'::regtype"
    " and has_function_privilege(p.oid, 'execute')"
    " order by p.proname";
static const char fall_asleep[] =
    "update casework.worker_wait set asleep = true where not asleep";
static const char wake_up[] =
    "update casework.worker_wait set asleep = false where asleep";
static const char measure_queue[] =
    "select m.length, m.oldest_seconds, w.length, w.oldest_seconds"
    " from rules.mail_queue() m, rules.webhook_queue() w";
static const char measure_feed[] =
    "select consumer, seconds from rules.feed_lag()";

struct timer {
	char	name[NAME_MAX_];
	char	sql[2 * NAME_MAX_ + 32];
	int	faults; /* in a row */
	int64_t rests_until;
};

static const struct timers_settings *settings;

/* Of the one thread that runs timers. */
static struct timer timers[TIMERS_MAX];
static size_t	    ntimers;
static char	    batch[24]; /* settings->batch as text */

static _Atomic int64_t answered_at; /* by the database, monotonic_us() */

static void follow(struct session *);
static void discover(struct session *);
static long run_all(struct session *);
static long run_timer(struct session *, struct timer *);
static long call_timer(struct session *, struct timer *);
static bool set_asleep(struct session *, bool);
static bool notified(struct session *);
static void measure(struct session *);

void
timers_init(const struct timers_settings *given)
{
	settings = given;
	snprintf(batch, sizeof(batch), "%ld", settings->batch);
}

bool
timers_ready(void)
{
	int64_t at = answered_at;

	return at != 0 &&
	    monotonic_us() - at < STALE_US + settings->seconds * 1000000;
}

void *
timers_run(void *arg)
{
	struct session s = { .name = "timers" };
	PGresult      *result;

	(void)arg;
	while (!stopping()) {
		if (!session_up(&s))
			continue;
		result = session_run(&s, "listen casework", 0, NULL);
		PQclear(result);
		if (result != NULL)
			follow(&s);
		else if (s.pg != NULL)
			(void)stopping_wait(-1, AWAKE_MS);
		if (s.pg == NULL)
			answered_at = 0;
	}
	if (s.pg != NULL)
		(void)set_asleep(&s, false);
	session_close(&s);
	return NULL;
}

/*
 * Until the connection is lost or the worker stops. Before it waits asleep the
 * thread looks once more: who changed something before it could see the flag
 * is found by that look, and who saw the flag notifies.
 */
static void
follow(struct session *s)
{
	int64_t work_at, discovered_at = 0;
	bool	asleep;

	asleep = set_asleep(s, false);
	work_at = monotonic_us();
	while (!stopping() && s->pg != NULL) {
		if (discovered_at == 0 ||
		    monotonic_us() - discovered_at > DISCOVER_US) {
			discover(s);
			discovered_at = monotonic_us();
		}
		if (run_all(s) > 0 || (s->pg != NULL && notified(s))) {
			wake_all();
			work_at = monotonic_us();
			if (asleep && s->pg != NULL)
				asleep = set_asleep(s, false);
			continue;
		}
		measure(s);
		if (s->pg == NULL)
			return;
		if (!asleep && monotonic_us() - work_at > LINGER_US) {
			asleep = set_asleep(s, true);
			continue;
		}
		(void)stopping_wait(PQsocket(s->pg),
		    asleep ? (int)settings->seconds * 1000 : AWAKE_MS);
	}
}

static void
discover(struct session *s)
{
	PGresult *result = session_run(s, find_timers, 0, NULL);
	int	  i;

	if (result == NULL)
		return;
	memset(timers, 0, sizeof(timers));
	for (i = 0; i < PQntuples(result) && i < TIMERS_MAX; i++) {
		snprintf(timers[i].name, sizeof(timers[i].name), "%s",
		    PQgetvalue(result, i, 0));
		snprintf(timers[i].sql, sizeof(timers[i].sql), "%s",
		    PQgetvalue(result, i, 1));
	}
	ntimers = (size_t)i;
	PQclear(result);
}

/* How many items all of them have handled. */
static long
run_all(struct session *s)
{
	long   handled = 0;
	size_t i;

	for (i = 0; i < ntimers && s->pg != NULL && !stopping(); i++)
		if (timers[i].rests_until <= monotonic_us())
			handled += run_timer(s, &timers[i]);
	return handled;
}

/* Its share of a round, in as many transactions as the timer makes of it. */
static long
run_timer(struct session *s, struct timer *t)
{
	long handled = 0, n;

	do {
		n = call_timer(s, t);
		handled += n;
	} while (n > 0 && handled < settings->batch && !stopping());
	return handled;
}

/* One that fails as a whole rests, longer each time; the others go on. */
static long
call_timer(struct session *s, struct timer *t)
{
	const char *params[] = { batch };
	PGresult   *result;
	int64_t	    began = monotonic_us(), ended;
	long	    handled, rest;

	result = session_run(s, t->sql, 1, params);
	ended = monotonic_us();
	counters_add(TIMER_RUNS, t->name, 1);
	counters_add(TIMER_SECONDS, t->name, (double)(ended - began) / 1e6);
	if (result == NULL) {
		counters_add(TIMER_FAULTS, t->name, 1);
		thread_log("timer_failed", t->name, "");
		rest = t->faults < 6 ? 1L << t->faults++ : REST_MAX_S;
		t->rests_until = ended + rest * 1000000;
		return 0;
	}
	answered_at = ended;
	t->faults = 0;
	handled = strtol(PQgetvalue(result, 0, 0), NULL, 10);
	PQclear(result);
	counters_add(TIMER_ITEMS, t->name, (double)handled);
	return handled;
}

/* Returns what the flag says now. */
static bool
set_asleep(struct session *s, bool asleep)
{
	PGresult *result;

	result = session_run(s, asleep ? fall_asleep : wake_up, 0, NULL);
	PQclear(result);
	return result != NULL && asleep;
}

/* Whether somebody else has notified since the last time: what a timer did
 * itself is told by what it returned. */
static bool
notified(struct session *s)
{
	PGnotify *n;
	bool	  any = false;

	(void)PQconsumeInput(s->pg);
	while ((n = PQnotifies(s->pg)) != NULL) {
		any = any || n->be_pid != s->at.backend.pid;
		PQfreemem(n);
	}
	return any;
}

/* What waits to be done, and what has not even been looked at. */
static void
measure(struct session *s)
{
	static int64_t measured_at;
	PGresult      *result;
	int	       i;

	if (s->pg == NULL || monotonic_us() - measured_at < MEASURE_US)
		return;
	measured_at = monotonic_us();
	session_ask_kept(s);
	result = session_run(s, measure_queue, 0, NULL);
	if (result == NULL)
		return;
	answered_at = measured_at;
	counters_set(MAIL_QUEUE_LENGTH, NULL,
	    strtod(PQgetvalue(result, 0, 0), NULL));
	counters_set(MAIL_QUEUE_OLDEST, NULL,
	    strtod(PQgetvalue(result, 0, 1), NULL));
	counters_set(WEBHOOK_QUEUE_LENGTH, NULL,
	    strtod(PQgetvalue(result, 0, 2), NULL));
	counters_set(WEBHOOK_QUEUE_OLDEST, NULL,
	    strtod(PQgetvalue(result, 0, 3), NULL));
	PQclear(result);
	result = session_run(s, measure_feed, 0, NULL);
	for (i = 0; i < PQntuples(result); i++)
		counters_set(FEED_LAG, PQgetvalue(result, i, 0),
		    strtod(PQgetvalue(result, i, 1), NULL));
	PQclear(result);
}
