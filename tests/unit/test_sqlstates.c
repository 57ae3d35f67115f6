/*
 * Unit test of the names under which errors of PostgreSQL are counted.
 */
#include "sqlstates.h"
#include "unit.h"

static const char *
name_of(const char *state)
{
	return sqlstates_name(sqlstates_find(state));
}

static void
test_those_that_tell_most_have_their_own(void)
{
	CHECK_STR(name_of("57014"), "57014");
	CHECK_STR(name_of("53300"), "53300");
	CHECK_STR(name_of("42501"), "42501");
}

static void
test_others_are_counted_by_class(void)
{
	CHECK_STR(name_of("57P03"), "57");
	CHECK_STR(name_of("42P01"), "42");
	CHECK_STR(name_of("CW404"), "CW");
	CHECK_STR(name_of("26000"), "26");
}

static void
test_what_is_no_such_class_is_another(void)
{
	CHECK_STR(name_of("0A000"), "other");
	CHECK_STR(name_of(""), "other");
	CHECK_STR(name_of(0), "08");
}

int
main(void)
{
	RUN(test_those_that_tell_most_have_their_own);
	RUN(test_others_are_counted_by_class);
	RUN(test_what_is_no_such_class_is_another);
	return unit_end("sqlstates");
}
