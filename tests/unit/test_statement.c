/*
 * Unit test of statement.c: what PostgreSQL gets for the parameters that
 * a request carries.
 */
#include "arena.h"
#include "statement.h"
#include "unit.h"

static struct arena *arena;

static int
load(const char *text, char *err)
{
	return statement_load(text, strlen(text), err, 256);
}

static void
test_lines_follow_the_parameters_that_are_present(void)
{
	char		      err[256] = "";
	struct statement     *s;
	const struct variant *v;

	CHECK(load("-- name: list_cases\n"
		   "select ':x', c.id::text -- :comment\n"
		   "from c\nwhere true\n"
		   "  and status = any(:status)  --? status\n"
		   "  and b = :b and bb = :b --? b\n"
		   "limit :limit + 1;\n",
		  err) == 0);
	CHECK_STR(err, "");
	s = statement_find("list_cases");
	CHECK(s != NULL && s->nparams == 3);
	CHECK(statement_find("list_case") == NULL);
	if (s == NULL)
		return;

	v = statement_variant(s, 0, arena);
	CHECK_STR(v->query.sql,
	    "select ':x', c.id::text\nfrom c\nwhere true\n"
	    "limit $1 + 1\n");
	CHECK(v->query.nparams == 1);
	CHECK_STR(s->params[v->params[0]], "limit");

	v = statement_variant(s, STATEMENT_ALL, arena);
	CHECK_STR(v->query.sql,
	    "select ':x', c.id::text\nfrom c\nwhere true\n"
	    "  and status = any($1)\n  and b = $2 and bb = $2\n"
	    "limit $3 + 1\n");
	CHECK(v->query.nparams == 3);
	CHECK(statement_variant(s, STATEMENT_ALL, arena) == v);
	CHECK(statement_variant(s, 0, arena) != v);
}

/* The bound of prepared statements holds: later ones have no name. */
static void
test_variants_are_bounded(void)
{
	char		      text[4096] = "-- name: wide\nselect 1\n";
	char		      err[256];
	struct statement     *s;
	const struct variant *v = NULL;
	size_t		      i;

	for (i = 0; i < 12; i++)
		sprintf(text + strlen(text), ", :p%zu --? p%zu\n", i, i);
	CHECK(load(text, err) == 0);
	s = statement_find("wide");
	for (i = 0; i <= QUERIES_MAX; i++)
		v = statement_variant(s, i, arena);
	CHECK(v != NULL && v->query.id == -1);
	CHECK_STR(v->query.name, "");
	CHECK_STR(v->query.sql, "select 1\n, $1\n");
	CHECK_STR(s->params[v->params[0]], "p11");
}

static void
test_faults_are_named(void)
{
	char err[256] = "";

	CHECK(load("-- name: a\nselect 1;\n-- name: a\nselect 2;\n", err) ==
	    -1);
	CHECK_HAS(err, "a is given twice");
	CHECK(load("-- name: a\nselect 1 --?\n", err) == -1);
	CHECK_HAS(err, "without a name");
	CHECK(load("-- name: empty\n-- name: b\nselect 1;\n", err) == -1);
	CHECK_HAS(err, "empty is empty");
}

int
main(void)
{
	arena = arena_new();
	RUN(test_lines_follow_the_parameters_that_are_present);
	RUN(test_variants_are_bounded);
	RUN(test_faults_are_named);
	(void)statement_load("", 0, NULL, 0);
	arena_free(arena);
	return unit_end("statement");
}
