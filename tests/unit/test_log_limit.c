/*
 * Unit test of log_limit.c: whose lines are written, when there are many.
 */
#include <stdio.h>

#include "log_limit.h"
#include "unit.h"

#define SECOND 1000000

/* Of so many requests at one instant. */
static int
written(const char *key, bool known, int requests, int64_t now)
{
	int n = 0;

	while (requests-- > 0)
		n += log_limit_take(key, known, 404, now);
	return n;
}

static void
test_each_source_has_its_lines_each_second(void)
{
	log_limit_start(3);
	CHECK(written("192.0.2.1", false, 1000, SECOND) == 3);
	CHECK(written("192.0.2.2", false, 1000, SECOND) == 3);
	CHECK(written("192.0.2.1", false, 1000, 2 * SECOND) == 3);
}

static void
test_many_sources_have_not_more_than_some(void)
{
	char source[32];
	int  i, n = 0;

	log_limit_start(3);
	for (i = 0; i < 5000; i++) {
		snprintf(source, sizeof(source), "10.0.%d.%d", i / 256,
		    i % 256);
		n += written(source, false, 2, SECOND);
	}
	CHECK(n == 30);
}

static void
test_what_nobody_does_takes_no_line_of_a_caller(void)
{
	log_limit_start(3);
	(void)written("192.0.2.1", false, 1000, SECOND);
	CHECK(written("contact:1", true, 10, SECOND) == 10);
	CHECK(written("contact:1", true, 1000, SECOND) == 5);
	CHECK(written("contact:2", true, 1000, SECOND) == 15);
}

static void
test_without_a_limit_all_are_written(void)
{
	log_limit_start(0);
	CHECK(written("192.0.2.1", false, 1000, SECOND) == 1000);
}

int
main(void)
{
	RUN(test_without_a_limit_all_are_written);
	RUN(test_each_source_has_its_lines_each_second);
	RUN(test_many_sources_have_not_more_than_some);
	RUN(test_what_nobody_does_takes_no_line_of_a_caller);
	return unit_end("test_log_limit");
}
