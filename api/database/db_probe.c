/*
 * A kind of caller is asked for on the very connections that serve it, each in
 * turn, but only on one that has nothing to do: there an answer cannot be late
 * for good reasons. When all of them are busy, one that serves nobody is asked
 * (pool DB_PROBE). So neither a pool that hangs is overlooked, nor can callers
 * make the service look dead by keeping it busy.
 *
 * Writing is asked as casework_public, the role that may do least: it tells of
 * disk and server, not of rights.
 */
#include <kore/kore.h>

#include <string.h>

#include "db.h"
#include "db_message.h"
#include "db_probe.h"
#include "heartbeat.h"
#include "known_schema.h"
#include "log.h"
#include "version.h"

#define TICK_MS	 100
#define EVERY_MS 1000
#define FRESH_MS 2000
#define CALLS	 2 /* one may hang while another connection answers */

struct probe {
	const char     *name;
	struct db_call	calls[CALLS];
	bool		sent[CALLS]; /* and not answered */
	u_int64_t	asked_at, answered_at;
	enum db_finding said;
	enum db_finding logged;
};

static const struct query alive = { .sql = known_schema_ask, .nparams = 1 };
static const struct query write_begin = { .sql = heartbeat_begin };
static const struct query write_probe = { .sql = heartbeat_sql };

static const enum db_finding findings[HEARTBEATS] = {
	[HEARTBEAT_OK] = DB_OK,
	[HEARTBEAT_READ_ONLY] = DB_READ_ONLY,
	[HEARTBEAT_DISK_FULL] = DB_DISK_FULL,
	[HEARTBEAT_REFUSED] = DB_REFUSED,
};
static const char *const names[DB_FINDINGS] = {
	[DB_OK] = "ok",
	[DB_NOT_CONNECTED] = "not_connected",
	[DB_MISFIT] = "does_not_fit",
	[DB_NO_ANSWER] = "no_answer",
	[DB_READ_ONLY] = "read_only",
	[DB_DISK_FULL] = "disk_full",
	[DB_REFUSED] = "refused",
	[DB_STANDBY] = "standby",
	[DB_HANGING] = "writes_hang",
	[DB_POOLED] = "pooled",
};

static struct probe probes[DB_CHECKS];
static u_int64_t    started_at;
static bool	    stopped;

static void	       tick(void *, u_int64_t);
static void	       ask(struct probe *, u_int64_t);
static void	       answered(struct db_call *, PGresult *);
static bool	       took_too_long(const PGresult *);
static bool	       is_up(const struct probe *);
static enum db_finding why_down(const struct probe *);
static void	       tell(struct probe *, unsigned);

void
db_probe_start(void)
{
	struct probe *p;
	unsigned      i, k;
	bool	      writes;

	for (i = 0; i < DB_CHECKS; i++) {
		p = &probes[i];
		writes = i == CALLER_KINDS;
		p->name =
		    writes ? "writes" : caller_kind_name((enum caller_kind)i);
		for (k = 0; k < CALLS; k++)
			p->calls[k] = (struct db_call){
				.kind = writes ? CALLER_PUBLIC :
						 (enum caller_kind)i,
				.pool = writes ? DB_PROBE : DB_READ,
				.begin =
				    writes ? &write_begin : &db_message_alive,
				.statement = writes ? &write_probe : &alive,
				.key = "probe",
				.bytes = -1,
				.done = answered,
				.arg = p,
				.params = { version_migrations },
			};
	}
	started_at = kore_time_ms();
	kore_timer_add(tick, TICK_MS, NULL, 0);
}

void
db_probe_stop(void)
{
	stopped = true;
}

unsigned
db_probe_inflight(void)
{
	unsigned i, k, n = 0;

	for (i = 0; i < DB_CHECKS; i++)
		for (k = 0; k < CALLS; k++)
			n += probes[i].sent[k];
	return n;
}

static void
tick(void *arg, u_int64_t now)
{
	unsigned i;

	(void)arg;
	for (i = 0; i < DB_CHECKS && !stopped; i++) {
		if (probes[i].asked_at == 0 ||
		    now >= probes[i].asked_at + EVERY_MS)
			ask(&probes[i], now);
		tell(&probes[i], i);
	}
}

static void
ask(struct probe *p, u_int64_t now)
{
	unsigned k;

	for (k = 0; k < CALLS && p->sent[k]; k++)
		;
	if (k == CALLS || !db_send_idle(&p->calls[k]))
		return;
	p->sent[k] = true;
	p->asked_at = now;
}

static void
answered(struct db_call *call, PGresult *result)
{
	struct probe *p = call->arg;

	p->sent[call - p->calls] = false;
	if (result == NULL)
		return; /* the connection was lost */
	if (!took_too_long(result)) {
		p->said = p->calls->statement == &alive &&
			*known_schema_fault(result) != '\0' ?
		    DB_MISFIT :
		    findings[heartbeat_of(result)];
		p->answered_at = kore_time_ms();
	}
	PQclear(result);
}

/* By statement_timeout: that is no answer yet. */
static bool
took_too_long(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, "57014") == 0;
}

void
db_probe_read(unsigned i, struct db_check *check)
{
	const struct probe *p = &probes[i];
	u_int64_t	    now = kore_time_ms();

	check->name = p->name;
	check->age =
	    now - MIN(now, p->answered_at == 0 ? started_at : p->answered_at);
	check->finding = p->said;
	if (db_is_pooled(p->calls->kind))
		check->finding = DB_POOLED;
	else if (!is_up(p) || p->answered_at == 0)
		check->finding = why_down(p);
	else if (check->age > FRESH_MS)
		check->finding = DB_NO_ANSWER;
}

static bool
is_up(const struct probe *p)
{
	const struct db_call *call = &p->calls[0];

	return call->pool == DB_PROBE ?
	    db_up(call->kind, DB_PROBE) :
	    db_up(call->kind, DB_READ) && db_up(call->kind, DB_WRITE);
}

/* When only what writes is given up, who reads does not notice. */
static enum db_finding
why_down(const struct probe *p)
{
	const struct db_call *call = &p->calls[0];
	const bool reads = call->pool == DB_READ && db_up(call->kind, DB_READ);

	switch (db_lost(call->kind, reads ? DB_WRITE : call->pool)) {
	case DB_LOSS_TIMEOUT:
	case DB_LOSS_SILENT:
	case DB_LOSS_HELD:
		return reads ? DB_HANGING : DB_NO_ANSWER;
	case DB_LOSS_MISFIT:
		return DB_MISFIT;
	case DB_LOSS_UNFIT:
		return DB_STANDBY;
	default:
		return DB_NOT_CONNECTED;
	}
}

const char *
db_finding_name(enum db_finding finding)
{
	return names[finding];
}

/* In the log once, when it changes. */
static void
tell(struct probe *p, unsigned i)
{
	struct db_check check;

	db_probe_read(i, &check);
	if (p->answered_at == 0)
		return; /* still starting */
	if (check.finding == p->logged)
		return;
	p->logged = check.finding;
	log_event(check.finding == DB_OK ? "db_check_ok" : "db_check_failed",
	    check.name, names[check.finding]);
}
