/*
 * Connecting with patience. Errors are logged by SQLSTATE only: their text may
 * hold what a row holds.
 *
 * A backend whose session was given up may be there for as long as a standby
 * is away. All threads together leave LEFT_MAX of them behind: then nothing is
 * opened but to ask whether they have gone, which writes nothing and so ends.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conninfo.h"
#include "counters.h"
#include "monotonic.h"
#include "session.h"
#include "sqlstates.h"
#include "stopping.h"
#include "thread_log.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define LEFT_MAX       8
#define SECOND_US      5000000 /* until a better server is looked for again */

static const struct session_settings *settings;

static struct backends left;
static pthread_mutex_t left_lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool     standby; /* the last attempt found one */

static bool has_room(struct session *);
static void ask_left(struct session *);
static void look_around(struct session *);
static void lose(struct session *, const char *, const char *);
static void fall_back(struct session *, const char *);
static void rest(struct session *, const char *);
static void tell_lost(struct session *, const char *);

int
session_init(const struct session_settings *given, char *err, size_t errlen)
{
	settings = given;
	if (*settings->database_url == '\0') {
		snprintf(err, errlen, "DATABASE_URL is not set");
		return -1;
	}
	return conninfo_load(settings->database_url, err, errlen);
}

bool
session_up(struct session *s)
{
	char err[256];

	if (!s->is_known)
		counters_add(DATABASE_EXPECTED, NULL, 1);
	s->is_known = true;
	if (s->pg != NULL || stopping())
		return s->pg != NULL;
	if (s->pause)
		(void)stopping_wait(-1, s->backoff_ms);
	if (stopping())
		return false;
	if (!bounded_connect(&s->at, "worker", &s->turn, stopping_fd(), err,
		sizeof(err))) {
		fall_back(s, err);
		return false;
	}
	if (!has_room(s)) {
		bounded_close(&s->at);
		rest(s, "backends that were given up are still there");
		return false;
	}
	standby = false;
	s->pg = s->at.pg;
	s->since = monotonic_us();
	hosts_found(&s->turn);
	counters_add(DATABASE_CONNECTIONS, NULL, 1);
	counters_add(DATABASE_OPENED, NULL, 1);
	if (s->is_lost)
		thread_log("database_found", s->name, "");
	s->is_lost = false;
	s->backoff_ms = 0;
	return true;
}

static bool
has_room(struct session *s)
{
	bool room;

	pthread_mutex_lock(&left_lock);
	if (left.n > 0)
		ask_left(s);
	room = left.n <= LEFT_MAX;
	counters_set(DATABASE_GIVEN_UP, NULL, (double)left.n);
	pthread_mutex_unlock(&left_lock);
	return room;
}

static void
ask_left(struct session *s)
{
	char	   *list = backends_list(&left);
	const char *params[] = { list };
	PGresult   *result = bounded_run(&s->at, backends_ask, 1, params);

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		backends_keep(&left, result);
	PQclear(result);
	free(list);
}

PGresult *
session_run(struct session *s, const char *sql, int nparams,
    const char *const *params)
{
	PGresult   *result;
	const char *state;

	*s->sqlstate = '\0';
	session_check(s);
	if (s->pg == NULL)
		return NULL;
	result = bounded_run(&s->at, sql, nparams, params);
	switch (PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
		return result;
	default:
		break;
	}
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	snprintf(s->sqlstate, sizeof(s->sqlstate), "%s",
	    state == NULL ? "" : state);
	counters_add(DATABASE_ERRORS, sqlstates_name(sqlstates_find(state)), 1);
	if (PQstatus(s->pg) == CONNECTION_OK)
		thread_log("statement_failed", s->name,
		    state == NULL ? "no SQLSTATE" : state);
	PQclear(result);
	session_check(s);
	return NULL;
}

void
session_ask_kept(struct session *s)
{
	PGresult *result = session_run(s, conninfo_ask_kept, 0, NULL);

	if (s->pg != NULL && !conninfo_is_kept(s->pg, result))
		lose(s, "pooled", conninfo_pooled);
	PQclear(result);
}

void
session_check(struct session *s)
{
	if (s->pg == NULL)
		return;
	if (s->at.late)
		lose(s, "silent", "no answer in time");
	else if (PQstatus(s->pg) != CONNECTION_OK)
		lose(s, "lost", "the connection was lost");
	else if (PQtransactionStatus(s->pg) == PQTRANS_IDLE)
		look_around(s);
}

/* Is this still the right server? What will do is left now and then. */
static void
look_around(struct session *s)
{
	const bool	     refused = strcmp(s->sqlstate, "25006") == 0;
	const enum hosts_fit before = s->at.fit;

	s->at.fit = hosts_refit(&s->at.backend, s->pg);
	if (s->at.fit < before || (refused && s->at.fit == HOSTS_FIRST))
		lose(s, "read_only", "the server cannot write");
	else if (hosts_is_left(&s->turn) ||
	    (s->at.fit == HOSTS_SECOND &&
		monotonic_us() - s->since > SECOND_US)) {
		hosts_lost(&s->turn);
		session_close(s);
	}
}

/* Said once, not at each attempt. */
static void
lose(struct session *s, const char *reason, const char *why)
{
	counters_add(DATABASE_LOST, reason, 1);
	if (s->at.late) {
		pthread_mutex_lock(&left_lock);
		backends_add(&left, &s->at.backend);
		counters_set(DATABASE_GIVEN_UP, NULL, (double)left.n);
		pthread_mutex_unlock(&left_lock);
	}
	session_close(s);
	hosts_lost(&s->turn);
	s->pause = true;
	s->backoff_ms = BACKOFF_MIN_MS;
	tell_lost(s, why);
}

/* The next server at once; a pause when each has had its turn. */
static void
fall_back(struct session *s, const char *why)
{
	const bool unfit = s->turn.unfit;

	s->pause = hosts_failed(&s->turn);
	if (unfit || s->pause)
		standby = unfit;
	if (s->pause)
		rest(s, why);
}

static void
rest(struct session *s, const char *why)
{
	s->pause = true;
	s->backoff_ms *= 2;
	if (s->backoff_ms < BACKOFF_MIN_MS)
		s->backoff_ms = BACKOFF_MIN_MS;
	if (s->backoff_ms > BACKOFF_MAX_MS)
		s->backoff_ms = BACKOFF_MAX_MS;
	tell_lost(s, why);
}

static void
tell_lost(struct session *s, const char *why)
{
	if (!s->is_lost)
		thread_log("database_lost", s->name, why);
	s->is_lost = true;
}

void
session_close(struct session *s)
{
	if (s->pg == NULL)
		return;
	bounded_close(&s->at);
	s->pg = NULL;
	counters_add(DATABASE_CONNECTIONS, NULL, -1);
}

bool
session_finds_standby(void)
{
	return standby;
}
