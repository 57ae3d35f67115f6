/*
 * Asks each second whether anything has changed, more often while keys are
 * being looked up: by one number, on the connection that serves nobody. And
 * tells the database, for the worker, which keys are missing.
 */
#include <kore/kore.h>

#include <stdlib.h>
#include <string.h>

#include "auth_issuers.h"
#include "db.h"
#include "known_issuers.h"
#include "log.h"
#include "monotonic.h"

#define TICK_MS	 100
#define EVERY_US 1000000

static void tick(void *, u_int64_t);
static void ask(void);
static void answered(struct db_call *, PGresult *);
static void want(void);
static void told(struct db_call *, PGresult *);

static const struct query begin = { .sql = "select" };
static const struct query known = { .sql =
					"select number::text, issuers::text"
					" from rules.known_issuers($1::bigint)",
	.nparams = 1 };
static const struct query wanted = {
	.sql = "select rules.want_keys($1::bigint, $2::bigint)::text",
	.nparams = 2
};

static struct db_call asking = { .kind = CALLER_PUBLIC,
	.pool = DB_PROBE,
	.begin = &begin,
	.statement = &known,
	.key = "issuers",
	.bytes = -1,
	.done = answered };
static struct db_call telling = { .kind = CALLER_PUBLIC,
	.pool = DB_PROBE,
	.begin = &begin,
	.statement = &wanted,
	.key = "issuers",
	.bytes = -1,
	.done = told };

static char number[24]; /* of the changes that are known; "" */

static char    missing[CALLER_ID_MAX]; /* keys of this issuer; or "" */
static bool    asks, tells, stopped;
static int64_t asked_at;

void
known_issuers_start(void)
{
	kore_timer_add(tick, TICK_MS, NULL, 0);
}

void
known_issuers_stop(void)
{
	stopped = true;
}

unsigned
known_issuers_inflight(void)
{
	return (unsigned)asks + (unsigned)tells;
}

static void
tick(void *arg, u_int64_t now)
{
	int64_t at = monotonic_us();

	(void)arg;
	(void)now;
	if (stopped)
		return;
	if (!tells)
		want();
	if (!asks && (at - asked_at >= EVERY_US || auth_issuers_waiting(at)))
		ask();
}

static void
ask(void)
{
	asking.params[0] = number[0] == '\0' ? NULL : number;
	if (!db_send_idle(&asking))
		return;
	asks = true;
	asked_at = monotonic_us();
}

static void
answered(struct db_call *call, PGresult *res)
{
	const char *text;

	(void)call;
	asks = false;
	if (PQresultStatus(res) == PGRES_TUPLES_OK && PQntuples(res) == 1 &&
	    !PQgetisnull(res, 0, 1)) {
		text = PQgetvalue(res, 0, 1);
		if (auth_issuers_update(text, strlen(text), monotonic_us()))
			log_event("issuers_known", NULL, PQgetvalue(res, 0, 0));
		else
			log_event("issuers_not_understood", NULL, NULL);
		snprintf(number, sizeof(number), "%s", PQgetvalue(res, 0, 0));
	}
	PQclear(res);
}

static void
want(void)
{
	const char *next;

	if (missing[0] == '\0') {
		if ((next = auth_issuers_wanted()) == NULL)
			return;
		snprintf(missing, sizeof(missing), "%s", next);
		telling.params[0] = missing;
		telling.params[1] = number;
	}
	tells = db_send_idle(&telling);
}

static void
told(struct db_call *call, PGresult *res)
{
	(void)call;
	tells = false;
	missing[0] = '\0';
	PQclear(res);
}
