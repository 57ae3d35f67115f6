/*
 * What is known of database and status page, for /readyz. A worker that cannot
 * write can do nothing, so unlike the service it is not ready for half of its
 * work.
 */
#include <stdatomic.h>
#include <stdint.h>

#include "heartbeat.h"
#include "horizon.h"
#include "known_schema.h"
#include "monotonic.h"
#include "publisher.h"
#include "readiness.h"
#include "session.h"
#include "stopping.h"
#include "thread_log.h"
#include "timers.h"
#include "version.h"

#define EVERY_MS 1000
#define FRESH_US 2000000

static const char *const findings[HEARTBEATS] = {
	[HEARTBEAT_OK] = "ok",
	[HEARTBEAT_READ_ONLY] = "read-only",
	[HEARTBEAT_DISK_FULL] = "disk full",
	[HEARTBEAT_REFUSED] = "refused",
};

/* Written by the one thread that asks. */
static _Atomic int64_t answered_at; /* monotonic_us(); 0: not connected */
static _Atomic enum heartbeat said;
static atomic_bool	      fits; /* the database is of a version it knows */

static void ask(struct session *);
static bool run(struct session *, const char *, enum heartbeat *);
static bool ask_schema(struct session *);

void *
readiness_run(void *arg)
{
	struct session s = { .name = "readiness" };

	(void)arg;
	while (!stopping()) {
		if (!session_up(&s))
			continue;
		ask(&s);
		session_ask_kept(&s);
		if (s.pg != NULL)
			(void)stopping_wait(-1, EVERY_MS);
	}
	session_close(&s);
	return NULL;
}

static void
ask(struct session *s)
{
	enum heartbeat	     says = HEARTBEAT_OK;
	const enum heartbeat before = said;

	if (!run(s, "begin", &says) || !run(s, heartbeat_begin, &says) ||
	    !run(s, heartbeat_sql, &says) || !run(s, "commit", &says) ||
	    !ask_schema(s) || !horizon_look(&s->at)) {
		answered_at = 0;
		session_check(s);
		return;
	}
	said = says;
	answered_at = monotonic_us();
	if (says != before)
		thread_log(says == HEARTBEAT_OK ? "database_check_ok" :
						  "database_check_failed",
		    "writes", findings[says]);
	session_check(s);
}

/* The schema may change while it is connected. False: as below. */
static bool
ask_schema(struct session *s)
{
	const char *known[] = { version_migrations };
	PGresult   *result = bounded_run(&s->at, known_schema_ask, 1, known);
	bool	    fit = *known_schema_fault(result) == '\0';

	if (fits && !fit)
		thread_log("database_check_failed", "schema",
		    known_schema_fault(result));
	fits = fit;
	PQclear(result);
	return PQstatus(s->pg) == CONNECTION_OK;
}

/* The first that is not well counts. False: the connection is lost. */
static bool
run(struct session *s, const char *sql, enum heartbeat *says)
{
	PGresult *result = bounded_run(&s->at, sql, 0, NULL);

	if (*says == HEARTBEAT_OK && result != NULL &&
	    PQresultStatus(result) != PGRES_COMMAND_OK)
		*says = heartbeat_of(result);
	PQclear(result);
	return PQstatus(s->pg) == CONNECTION_OK;
}

bool
readiness(FILE *out)
{
	int64_t	       at = answered_at, late = monotonic_us() - at;
	enum heartbeat writes = said;
	bool	       answers = at != 0 && late < FRESH_US;
	bool	       timers = timers_ready();

	if (out != NULL) {
		if (answers)
			fprintf(out, "database: %s\nwrites: %s\n",
			    fits ? "ok" : "of another version",
			    findings[writes]);
		else if (at == 0)
			fprintf(out, "database: %s\n",
			    session_finds_standby() ? "a standby" :
						      "not connected");
		else
			fprintf(out, "database: no answer since %lld ms\n",
			    (long long)(late / 1000));
		fprintf(out, "timers: %s\n", timers ? "ok" : "stand still");
		horizon_print(out);
	}
	return publisher_is_well(out) && answers && fits &&
	    writes == HEARTBEAT_OK && timers;
}
