/*
 * Unit test of turns.c: who comes next, and who has to leave.
 */
#include "turns.h"
#include "unit.h"

static struct turns t;

static struct turn *
join(struct turn *turn, const char *key)
{
	turn->key = key;
	CHECK(turns_join(&t, turn));
	return turn;
}

static void
test_nobody_waits_behind_all_of_another_one(void)
{
	struct turn a[4], b[2], c;
	int	    i;

	turns_start(&t, 2, 1, 8, 4);
	for (i = 0; i < 4; i++)
		(void)join(&a[i], "staff:1");
	CHECK(turns_next(&t) == &a[0]);
	CHECK(turns_next(&t) == NULL); /* the other half is not for it */
	(void)join(&b[0], "staff:2");
	(void)join(&b[1], "staff:2");
	CHECK(turns_next(&t) == &b[0]);
	(void)join(&c, "staff:3");
	turns_end(&t, &a[0]);
	CHECK(turns_next(&t) == &c); /* though a was here before */
	turns_end(&t, &b[0]);
	CHECK(turns_next(&t) == &a[1]);
	turns_end(&t, &c);
	CHECK(turns_next(&t) == &b[1]);
	turns_end(&t, &a[1]);
	CHECK(turns_next(&t) == &a[2]);
	turns_end(&t, &b[1]);
	CHECK(turns_next(&t) == NULL);
	turns_end(&t, &a[2]);
	CHECK(turns_next(&t) == &a[3]);
	turns_end(&t, &a[3]);
	CHECK(t.waiting.taken == 0 && t.running.taken == 0);
}

static void
test_the_queue_has_a_length(void)
{
	struct turn a[3], b, c;

	turns_start(&t, 1, 1, 3, 2);
	(void)join(&a[0], "staff:1");
	(void)join(&a[1], "staff:1");
	a[2].key = "staff:1";
	CHECK(!turns_join(&t, &a[2]));
	(void)join(&b, "staff:2");
	c.key = "staff:3";
	CHECK(!turns_join(&t, &c)); /* of all */
	turns_leave(&t, &a[0]);
	CHECK(turns_join(&t, &c));
	CHECK(turns_next(&t) == &b);
	turns_end(&t, &b);
	turns_leave(&t, &a[1]);
	turns_leave(&t, &c);
}

static void
test_who_has_waited_too_long_leaves(void)
{
	struct turn a = { .until = 200 }, b = { .until = 100 };

	turns_start(&t, 1, 1, 4, 4);
	(void)join(&a, "staff:1");
	(void)join(&b, "staff:2");
	CHECK(turns_late(&t, 99) == NULL);
	CHECK(turns_late(&t, 100) == &b);
	CHECK(turns_late(&t, 100) == NULL);
	CHECK(turns_next(&t) == &a);
	CHECK(turns_late(&t, 300) == NULL); /* it does not wait any more */
	turns_end(&t, &a);
}

int
main(void)
{
	RUN(test_nobody_waits_behind_all_of_another_one);
	RUN(test_the_queue_has_a_length);
	RUN(test_who_has_waited_too_long_leaves);
	return unit_end("turns");
}
