/*
 * DATABASE_URL is parsed once; user and password in it give way to the role's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conninfo.h"
#include "known_schema.h"
#include "version.h"

#define OURS	 6  /* parameters added here, and the NULL */
#define USER_MAX 40 /* "casework_" and the kind */

/* How long statements may take, and whether they may write, is the role's. */
const char conninfo_session[] =
    "select pg_catalog.set_config(s.name, s.value, false) from (values"
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
    ") as s (name, value)";

static const char *const foreign[] = { "PGOPTIONS", "PGTZ", "PGDATESTYLE",
	"PGCLIENTENCODING", "PGGEQO" };

int
conninfo(const char *url, const char *kind, const char *application,
    const char ***keys, const char ***values, char *err, size_t errlen)
{
	static PQconninfoOption *options;
	PQconninfoOption	*o;
	char			*message = NULL, *user;
	size_t			 i, n = 0;

	if (options == NULL) {
		for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++)
			(void)unsetenv(foreign[i]);
		options = PQconninfoParse(url, &message);
	}
	if (options == NULL) {
		snprintf(err, errlen, "DATABASE_URL: %s",
		    message == NULL ? "out of memory" : message);
		err[strcspn(err, "\n")] = '\0';
		PQfreemem(message);
		return -1;
	}
	for (o = options; o->keyword != NULL; o++)
		n++;
	*keys = calloc(n + OURS, sizeof(**keys));
	/* the user's name stands behind the array that points to it */
	*values = calloc(1, (n + OURS) * sizeof(**values) + USER_MAX);
	if (*keys == NULL || *values == NULL)
		abort();
	user = (char *)(*values + n + OURS);
	snprintf(user, USER_MAX, "casework_%s", kind);
	n = 0;
	(*keys)[n] = "tcp_user_timeout"; /* ms; DATABASE_URL may say more */
	(*values)[n++] = "10000";
	(*keys)[n] = "connect_timeout"; /* s; likewise, for who blocks */
	(*values)[n++] = "5";
	for (o = options; o->keyword != NULL; o++) {
		if (o->val == NULL || strcmp(o->keyword, "user") == 0 ||
		    strcmp(o->keyword, "password") == 0)
			continue;
		(*keys)[n] = o->keyword;
		(*values)[n++] = o->val;
	}
	(*keys)[n] = "user";
	(*values)[n++] = user;
	(*keys)[n] = "application_name";
	(*values)[n++] = application;
	(*keys)[n] = "client_encoding";
	(*values)[n++] = "UTF8";
	return 0;
}

PGconn *
conninfo_connect(const char *url, const char *kind, char *err, size_t errlen)
{
	const char **keys, **values;
	const char  *known[] = { version_migrations };
	PGconn	    *pg;
	PGresult    *result = NULL;

	if (conninfo(url, kind, "casework", &keys, &values, err, errlen) == -1)
		return NULL;
	pg = PQconnectdbParams(keys, values, 0);
	free(keys);
	free(values);
	/* PQexec() would forget why there is no connection. */
	if (PQstatus(pg) == CONNECTION_OK)
		result = PQexec(pg, conninfo_session);
	if (PQresultStatus(result) == PGRES_TUPLES_OK) {
		PQclear(result);
		result = PQexecParams(pg, known_schema_require, 1, NULL, known,
		    NULL, NULL, 0);
		if (PQresultStatus(result) == PGRES_TUPLES_OK) {
			PQclear(result);
			return pg;
		}
	}
	snprintf(err, errlen, "%s",
	    *known_schema_fault(result) != '\0' ? known_schema_fault(result) :
						  PQerrorMessage(pg));
	PQclear(result);
	err[strcspn(err, "\n")] = '\0';
	PQfinish(pg);
	return NULL;
}
