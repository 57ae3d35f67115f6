/*
 * The names are a parameter of both statements: version_migrations.
 */
#include <string.h>

#include "known_schema.h"

#define MISFIT "CW000" /* of rules.require_version */

const char known_schema_require[] = "select rules.require_version($1::text[])";
const char known_schema_ask[] =
    "select current_setting('transaction_read_only'), rules.misfit($1::text[])";

/* SQLSTATEs of a database that cannot even be asked. */
static const char *const strange[] = { "42883", "42P01", "3F000" };

const char *
known_schema_fault(const PGresult *result)
{
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	size_t	    i;

	if (PQresultStatus(result) == PGRES_TUPLES_OK)
		return PQnfields(result) > 1 ? PQgetvalue(result, 0, 1) : "";
	if (state != NULL && strcmp(state, MISFIT) == 0)
		return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	for (i = 0; i < sizeof(strange) / sizeof(strange[0]); i++)
		if (state != NULL && strcmp(state, strange[i]) == 0)
			return "the database has no schema of this version: "
			       "run its migrate.sh";
	return "";
}
