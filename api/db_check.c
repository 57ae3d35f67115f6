/*
 * Holds the contract against a database, blocking.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bounded.h"
#include "config.h"
#include "db_check.h"
#include "operation.h"
#include "operation_bind.h"
#include "variant.h"

static int check_role(enum caller_kind);
static int check_binding(PGconn *, enum caller_kind, const struct operation *,
    const struct binding *);
static int check_statement(PGconn *, enum caller_kind, struct statement *,
    struct statement_set);
static int check_bytes(PGconn *, const struct operation *,
    const struct binding *);
static int complain(const struct statement *, const char *, const char *);

int
db_check(void)
{
	int k, result = 0;

	for (k = 0; k < CALLER_KINDS; k++)
		if (check_role((enum caller_kind)k) == -1)
			result = -1;
	return result;
}

static int
check_role(enum caller_kind kind)
{
	const struct operation *op;
	const struct binding   *binding;
	struct statement       *begin;
	char			err[256];
	struct bounded		at;
	PGconn		       *pg;
	size_t			i;
	int			result = 0;

	if (!bounded_find(&at, config.database.url, caller_kind_name(kind), err,
		sizeof(err))) {
		fprintf(stderr, "casework: %s\n", err);
		return -1;
	}
	pg = at.pg;
	begin = operation_begin(kind);
	if (check_statement(pg, kind, begin, statement_set_none()) == -1 ||
	    check_statement(pg, kind, begin, statement_set_all()) == -1)
		result = -1;
	for (i = 0; i < operation_count(); i++) {
		op = operation_at(i);
		binding = op->binding[kind];
		if (binding == NULL)
			continue;
		result |= check_binding(pg, kind, op, binding);
		if (op->stream) {
			result |= check_binding(pg, kind, op, op->opening);
			result |= check_binding(pg, kind, op, op->part);
		}
	}
	bounded_close(&at);
	return result;
}

static int
check_binding(PGconn *pg, enum caller_kind kind, const struct operation *op,
    const struct binding *binding)
{
	struct statement *s = binding->statement;
	size_t		  p;
	int		  result = 0;

	if (check_statement(pg, kind, s, statement_set_none()) == -1 ||
	    check_statement(pg, kind, s, statement_set_all()) == -1)
		result = -1;
	else if (op->raw || op->raw_answer)
		result |= check_bytes(pg, op, binding);
	for (p = 0; p < s->nparams; p++)
		if (statement_set_has(&s->optional, p) &&
		    check_statement(pg, kind, s, statement_set_only(p)) == -1)
			result = -1;
	return result;
}

static int
check_statement(PGconn *pg, enum caller_kind kind, struct statement *s,
    struct statement_set present)
{
	const struct variant *v;
	struct arena	     *arena = arena_new();
	PGresult	     *res;
	int		      result = 0;

	v = variant_take(s, present, arena);
	res = PQprepare(pg, "", v->query.sql, 0, NULL);
	if (PQresultStatus(res) != PGRES_COMMAND_OK) {
		fprintf(stderr, "casework: statement %s as casework_%s: %s",
		    s->name, caller_kind_name(kind), PQresultErrorMessage(res));
		result = -1;
	}
	PQclear(res);
	variant_give(v);
	arena_free(arena);
	return result;
}

/*
 * Of the statement just prepared with all its parameters: a raw body is bound
 * as a bytea; a raw answer has columns that are the same in binary as in text,
 * or bytes.
 */
static int
check_bytes(PGconn *pg, const struct operation *op,
    const struct binding *binding)
{
	enum { BYTEA = 17, TEXT = 25 };
	struct statement     *s = binding->statement;
	struct arena	     *arena = arena_new();
	const struct variant *v;
	PGresult	     *res = PQdescribePrepared(pg, "");
	int		      i, result = 0;

	v = variant_take(s, statement_set_all(), arena);
	for (i = 0; op->raw && i < PQnparams(res); i++)
		if (binding->source[v->params[i]].kind == FROM_BODY &&
		    PQparamtype(res, i) != BYTEA)
			result = complain(s, s->params[v->params[i]],
			    "is not a bytea");
	for (i = 0; op->raw_answer && i < PQnfields(res); i++)
		if (PQftype(res, i) != BYTEA && PQftype(res, i) != TEXT)
			result = complain(s, PQfname(res, i),
			    "is neither text nor bytea");
	if (op->raw_answer &&
	    (PQfnumber(res, "body") < 0 || PQfnumber(res, "media_type") < 0 ||
		PQfnumber(res, "size") < 0))
		result = complain(s, "body, media_type or size", "is missing");
	PQclear(res);
	variant_give(v);
	arena_free(arena);
	return result;
}

static int
complain(const struct statement *s, const char *what, const char *fault)
{
	fprintf(stderr, "casework: statement %s: %s %s\n", s->name, what,
	    fault);
	return -1;
}
