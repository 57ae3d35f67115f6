/*
 * The blocking side of the database: connection parameters per role, and the
 * start-up check that prepares every statement under every role that may call
 * it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"
#include "conninfo.h"
#include "db.h"
#include "operation.h"

static int check_role(enum caller_kind);
static int check_statement(PGconn *, enum caller_kind, struct statement *,
    statement_set);

int
db_conninfo(enum caller_kind kind, const char ***keys, const char ***values,
    char *err, size_t errlen)
{
	return (conninfo(config.database_url, caller_kind_name(kind), keys,
	    values, err, errlen));
}

int
db_check(void)
{
	int k, result = 0;

	for (k = 0; k < CALLER_KINDS; k++)
		if (check_role((enum caller_kind)k) == -1)
			result = -1;
	return (result);
}

static int
check_role(enum caller_kind kind)
{
	const struct operation *op;
	const char	      **keys, **values;
	struct statement       *begin;
	char			err[256];
	PGconn		       *pg;
	size_t			i, p;
	int			result = 0;

	if (db_conninfo(kind, &keys, &values, err, sizeof(err)) == -1) {
		fprintf(stderr, "casework: %s\n", err);
		return (-1);
	}
	pg = PQconnectdbParams(keys, values, 0);
	free(keys);
	free(values);
	if (PQstatus(pg) != CONNECTION_OK) {
		fprintf(stderr, "casework: %s", PQerrorMessage(pg));
		PQfinish(pg);
		return (-1);
	}
	begin = operation_begin(kind);
	if (check_statement(pg, kind, begin, 0) == -1 ||
	    check_statement(pg, kind, begin, STATEMENT_ALL) == -1)
		result = -1;
	for (i = 0; i < operation_count(); i++) {
		op = operation_at(i);
		if (op->statement == NULL || !(op->callers & 1U << kind))
			continue;
		if (check_statement(pg, kind, op->statement, 0) == -1 ||
		    check_statement(pg, kind, op->statement, STATEMENT_ALL) ==
			-1)
			result = -1;
		for (p = 0; p < op->statement->nparams; p++)
			if (op->statement->optional >> p & 1 &&
			    check_statement(pg, kind, op->statement,
				STATEMENT_BIT(p)) == -1)
				result = -1;
	}
	PQfinish(pg);
	return (result);
}

static int
check_statement(PGconn *pg, enum caller_kind kind, struct statement *s,
    statement_set present)
{
	const struct variant *v;
	struct arena	     *arena = arena_new();
	PGresult	     *res;
	int		      result = 0;

	v = statement_variant(s, present, arena);
	res = PQprepare(pg, "", v->sql, 0, NULL);
	if (PQresultStatus(res) != PGRES_COMMAND_OK) {
		fprintf(stderr, "casework: statement %s as casework_%s: %s",
		    s->name, caller_kind_name(kind), PQresultErrorMessage(res));
		result = -1;
	}
	PQclear(res);
	arena_free(arena);
	return (result);
}
