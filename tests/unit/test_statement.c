/*
 * Unit test of statement.c: what PostgreSQL gets for the parameters that
 * a request carries.
 */
#include "arena.h"
#include "unit.h"
#include "variant.h"

static struct arena *arena;

static int
load(const char *text, char *err)
{
	return statement_load(text, strlen(text), err, 256);
}

/* Of the parameters whose bits are set. */
static struct statement_set
set(unsigned bits)
{
	struct statement_set s = statement_set_none();
	size_t		     n;

	for (n = 0; n < 32; n++)
		if (bits >> n & 1)
			statement_set_add(&s, n);
	return s;
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

	v = variant_take(s, statement_set_none(), arena);
	CHECK_STR(v->query.sql,
	    "select ':x', c.id::text\nfrom c\nwhere true\n"
	    "limit $1 + 1\n");
	CHECK(v->query.nparams == 1);
	CHECK_STR(s->params[v->params[0]], "limit");

	v = variant_take(s, statement_set_all(), arena);
	CHECK_STR(v->query.sql,
	    "select ':x', c.id::text\nfrom c\nwhere true\n"
	    "  and status = any($1)\n  and b = $2 and bb = $2\n"
	    "limit $3 + 1\n");
	CHECK(v->query.nparams == 3);
	CHECK(variant_take(s, statement_set_all(), arena) == v);
	CHECK(variant_take(s, statement_set_none(), arena) != v);
}

/* Many more combinations than are kept: each gets its own text all the same. */
static void
test_variants_are_bounded(void)
{
	char		      text[4096] = "-- name: wide\nselect 1\n";
	char		      err[256], wanted[256];
	struct statement     *s;
	const struct variant *v, *held;
	unsigned	      i, n, p, number, kept = 0;

	for (i = 0; i < 12; i++)
		sprintf(text + strlen(text), ", :p%u --? p%u\n", i, i);
	CHECK(load(text, err) == 0);
	s = statement_find("wide");
	held = variant_take(s, set(5), arena);
	for (n = 0; n < 20000; n++) {
		i = n % 3 == 0 ? n % 7 : n * 2654435761u >> 20;
		v = variant_take(s, set(i), arena);
		kept += v->query.id != 0;
		strcpy(wanted, "select 1\n");
		for (p = number = 0; p < 12; p++)
			if (i >> p & 1)
				sprintf(wanted + strlen(wanted), ", $%u\n",
				    ++number);
		CHECK_STR(v->query.sql, wanted);
		CHECK(v->query.nparams == (int)number);
		variant_give(v);
	}
	CHECK(kept > 6000 && kept < 12000);
	CHECK(variant_take(s, set(5), arena) == held);
	variant_give(held);
	variant_give(held);
}

/* None of them stands for another one, whatever word of the set it is in. */
static void
test_a_statement_may_have_as_many_parameters_as_a_query(void)
{
	char		      text[8192] = "-- name: wide\nselect 1\n";
	char		      err[256] = "", wanted[64];
	struct statement     *s;
	const struct variant *v;
	unsigned	      n;

	for (n = 0; n < QUERY_PARAMS_MAX; n++)
		sprintf(text + strlen(text), ", :p%u --? p%u\n", n, n);
	CHECK(load(text, err) == 0);
	CHECK_STR(err, "");
	s = statement_find("wide");
	for (n = 0; n < QUERY_PARAMS_MAX; n++) {
		v = variant_take(s, statement_set_only(n), arena);
		CHECK_STR(v->query.sql, "select 1\n, $1\n");
		CHECK(v->query.nparams == 1);
		sprintf(wanted, "p%u", n);
		CHECK_STR(s->params[v->params[0]], wanted);
		variant_give(v);
	}
	v = variant_take(s, statement_set_all(), arena);
	CHECK(v->query.nparams == QUERY_PARAMS_MAX);
	variant_give(v);
	sprintf(text + strlen(text), ", :more --? more\n");
	CHECK(load(text, err) == -1);
	CHECK_HAS(err, "has too many");
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
	RUN(test_a_statement_may_have_as_many_parameters_as_a_query);
	RUN(test_faults_are_named);
	(void)statement_load("", 0, NULL, 0);
	arena_free(arena);
	return unit_end("statement");
}
