/*
 * DATABASE_URL is parsed once; user and password in it give way to the role's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conninfo.h"
#include "hosts.h"

#define OURS	 12 /* parameters added here, and the NULL */
#define USER_MAX 40 /* "casework_" and the kind */
#define MARK	 "casework.session"
#define MARK_MAX 12

const char conninfo_pooled[] =
    "a pooler gives one session to several: PgBouncer has to be in session "
    "mode, with server_reset_query = DISCARD ALL";

/*
 * How long statements may take, and whether they may write, is the role's. A
 * session that has a mark was begun by somebody before, and not reset since.
 */
static const char begin_session[] =
    "with before as materialized (select"
    " coalesce(pg_catalog.current_setting('" MARK "', true), '') as mark)"
    " select (extract(epoch from current_setting('statement_timeout')"
    "::interval) * 1000)::bigint, " BACKENDS_KEY ", a.pid,"
    " a.pid || ' ' || (extract(epoch from pg_catalog.now()) * 1000000)::bigint,"
    " before.mark, pg_catalog.pg_is_in_recovery(),"
    " pg_catalog.current_setting('default_transaction_read_only'), count("
    "pg_catalog.set_config(s.name, s.value, false))"
    " from before,"
    " pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) a,"
    " (values"
    " ('" MARK "', $1),"
    " ('client_encoding', 'UTF8'),"
    " ('search_path', ''),"
    " ('TimeZone', 'UTC'),"
    " ('DateStyle', 'ISO, YMD'),"
    " ('IntervalStyle', 'postgres'),"
    " ('extra_float_digits', '1'),"
    " ('bytea_output', 'hex'),"
    " ('standard_conforming_strings', 'on'),"
    " ('quote_all_identifiers', 'off'),"
    " ('array_nulls', 'on'),"
    " ('transform_null_equals', 'off'),"
    " ('row_security', 'on'),"
    " ('gin_fuzzy_search_limit', '0'),"
    " ('default_text_search_config', 'pg_catalog.english'),"
    " ('default_transaction_isolation', 'read committed'),"
    " ('default_transaction_deferrable', 'off')"
    ") as s (name, value) group by before.mark, a.pid,"
    " a.backend_start";

const char conninfo_ask_kept[] =
    "select coalesce(pg_catalog.current_setting('" MARK "', true), '')";

static const char *const foreign[] = { "PGOPTIONS", "PGTZ", "PGDATESTYLE",
	"PGCLIENTENCODING", "PGGEQO" };

/* What is as long as nobody says otherwise; libpq takes the last it is told. */
static const char *const usual[][2] = {
	{ "keepalives_idle", "5" }, /* s */
	{ "keepalives_interval", "2" }, { "keepalives_count", "3" },
	{ "tcp_user_timeout", "10000" }, /* ms */
};

/* What is not taken from DATABASE_URL as it is; the first only of a role. */
static const char *const ours[] = { "user", "password", "host", "hostaddr",
	"port", "target_session_attrs", "connect_timeout" };

#define NUSUAL (sizeof(usual) / sizeof(usual[0]))
#define NOURS  (sizeof(ours) / sizeof(ours[0]))
#define LOGIN  2 /* of them */

static PQconninfoOption *options;

static bool	   is_ours(const char *keyword, const char *kind);
static const char *mark_of(const PGconn *, char *);

int
conninfo_load(const char *url, char *err, size_t errlen)
{
	char  *message = NULL;
	size_t i;

	if (options != NULL)
		return 0;
	for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
		(void)unsetenv(foreign[i]);
	options = PQconninfoParse(url, &message);
	if (options == NULL) {
		snprintf(err, errlen, "DATABASE_URL: %s",
		    message == NULL ? "out of memory" : message);
		err[strcspn(err, "\n")] = '\0';
		PQfreemem(message);
		return -1;
	}
	return hosts_load(options, err, errlen);
}

PGconn *
conninfo_start(const char *kind, const char *application,
    struct host_turn *turn, char *err, size_t errlen)
{
	const PQconninfoOption *o;
	const char	      **keys, **values;
	struct host		host;
	char			user[USER_MAX];
	size_t			i, n = 0;
	PGconn		       *pg;

	if (!hosts_pick(turn, &host)) {
		snprintf(err, errlen, "there is no server of that name");
		return NULL;
	}
	for (o = options; o->keyword != NULL; o++)
		n++;
	keys = calloc(n + OURS, sizeof(*keys));
	values = calloc(n + OURS, sizeof(*values));
	if (keys == NULL || values == NULL)
		abort();
	for (n = 0; n < NUSUAL; n++) {
		keys[n] = usual[n][0];
		values[n] = usual[n][1];
	}
	for (o = options; o->keyword != NULL; o++) {
		if (o->val == NULL || is_ours(o->keyword, kind))
			continue;
		keys[n] = o->keyword;
		values[n++] = o->val;
	}
	snprintf(user, sizeof(user), "casework_%s", kind == NULL ? "" : kind);
	{
		const char *const last[][2] = { { "host", host.name },
			{ "hostaddr", host.address }, { "port", host.port },
			{ "target_session_attrs", "any" },
			{ "user", kind == NULL ? NULL : user },
			{ "application_name", application },
			{ "client_encoding", "UTF8" } };

		for (i = 0; i < sizeof(last) / sizeof(last[0]); i++) {
			keys[n] = last[i][0];
			values[n++] = last[i][1];
		}
	}
	pg = PQconnectStartParams(keys, values, 0);
	free(keys);
	free(values);
	if (pg == NULL)
		abort();
	if (PQstatus(pg) != CONNECTION_BAD && PQsetnonblocking(pg, 1) == 0)
		return pg;
	snprintf(err, errlen, "%s", PQerrorMessage(pg));
	err[strcspn(err, "\n")] = '\0';
	PQfinish(pg);
	return NULL;
}

static bool
is_ours(const char *keyword, const char *kind)
{
	size_t i;

	for (i = kind == NULL ? LOGIN : 0; i < NOURS; i++)
		if (strcmp(keyword, ours[i]) == 0)
			return true;
	return false;
}

bool
conninfo_send_session(PGconn *pg)
{
	char	    mark[MARK_MAX];
	const char *params[] = { mark_of(pg, mark) };

	return PQsendQueryParams(pg, begin_session, 1, NULL, params, NULL, NULL,
		   0) == 1;
}

/* What a pooler answers itself: it gives each of its clients another one. */
static const char *
mark_of(const PGconn *pg, char *mark)
{
	snprintf(mark, MARK_MAX, "%d", PQbackendPID(pg));
	return mark;
}

bool
conninfo_read_session(const PGconn *pg, const PGresult *result,
    struct backend *backend)
{
	backend->statement_ms = strtol(PQgetvalue(result, 0, 0), NULL, 10);
	snprintf(backend->key, sizeof(backend->key), "%s",
	    PQgetvalue(result, 0, 1));
	backend->pid = (int)strtol(PQgetvalue(result, 0, 2), NULL, 10);
	snprintf(backend->opening, sizeof(backend->opening), "%s",
	    PQgetvalue(result, 0, 3));
	backend->standby = *PQgetvalue(result, 0, 5) == 't';
	backend->read_only = strcmp(PQgetvalue(result, 0, 6), "on") == 0;
	backend->pooled = backend->pid != PQbackendPID(pg);
	return *PQgetvalue(result, 0, 4) == '\0';
}

bool
conninfo_is_kept(const PGconn *pg, const PGresult *result)
{
	char mark[MARK_MAX];

	return PQresultStatus(result) != PGRES_TUPLES_OK ||
	    strcmp(PQgetvalue(result, 0, 0), mark_of(pg, mark)) == 0;
}
