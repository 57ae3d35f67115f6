/*
 * Connecting with patience. Errors are logged by SQLSTATE only: their text may
 * hold what a row holds.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conninfo.h"
#include "counters.h"
#include "session.h"
#include "stopping.h"
#include "thread_log.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000

static const struct session_settings *settings;

static void lose(struct session *, const char *);

int
session_init(const struct session_settings *given, char *err, size_t errlen)
{
	const char **keys, **values;

	settings = given;
	if (*settings->database_url == '\0') {
		snprintf(err, errlen, "DATABASE_URL is not set");
		return -1;
	}
	if (conninfo(settings->database_url, "worker", "casework", &keys,
		&values, err, errlen) == -1)
		return -1;
	free(keys);
	free(values);
	return 0;
}

bool
session_up(struct session *s)
{
	char err[256];

	if (s->pg != NULL || stopping())
		return s->pg != NULL;
	if (s->backoff_ms > 0)
		(void)stopping_wait(-1, s->backoff_ms);
	if (stopping())
		return false;
	s->pg = conninfo_connect(settings->database_url, "worker", err,
	    sizeof(err));
	if (s->pg == NULL) {
		lose(s, err);
		return false;
	}
	counters_add(DATABASE_CONNECTIONS, NULL, 1);
	if (s->backoff_ms > 0)
		thread_log("database_found", s->name, "");
	s->backoff_ms = 0;
	return true;
}

PGresult *
session_run(struct session *s, const char *sql, int nparams,
    const char *const *params)
{
	PGresult   *result;
	const char *state;

	result = PQexecParams(s->pg, sql, nparams, NULL, params, NULL, NULL, 0);
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
	if (PQstatus(s->pg) == CONNECTION_OK) {
		thread_log("statement_failed", s->name,
		    state == NULL ? "no SQLSTATE" : state);
		PQclear(result);
	} else {
		PQclear(result);
		lose(s, "the connection was lost");
	}
	return NULL;
}

void
session_close(struct session *s)
{
	if (s->pg == NULL)
		return;
	PQfinish(s->pg);
	s->pg = NULL;
	counters_add(DATABASE_CONNECTIONS, NULL, -1);
}

/* Said once, not at each attempt. */
static void
lose(struct session *s, const char *why)
{
	if (s->backoff_ms == 0)
		thread_log("database_lost", s->name, why);
	s->backoff_ms *= 2;
	if (s->backoff_ms < BACKOFF_MIN_MS)
		s->backoff_ms = BACKOFF_MIN_MS;
	if (s->backoff_ms > BACKOFF_MAX_MS)
		s->backoff_ms = BACKOFF_MAX_MS;
	session_close(s);
}
