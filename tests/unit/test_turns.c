/*
 * Unit test of turns.c: who comes next, and who has to leave.
 */
#include <stdio.h>

#include "turns.h"
#include "unit.h"

static struct turns t;

/* Who had to leave for it. */
static struct turn *
join(struct turn *turn, const char *key)
{
	struct turn *left;

	CHECK(turns_join(&t, turn, key, &left) == TURN_WAITS);
	return left;
}

static enum turn_answer
refused(const char *key)
{
	struct turn turn, *left;

	return turns_join(&t, &turn, key, &left);
}

static bool
is_empty(void)
{
	size_t i;

	for (i = 0; i < TURNS_PLACES; i++)
		if (t.place[i] != NULL)
			return false;
	return t.waiting == 0 && t.running == 0;
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
	CHECK(is_empty());
}

/* A burst, and then a new one whenever one has ended: in that order. */
static void
test_a_key_is_served_in_the_order_in_which_it_came(void)
{
	enum { BURST = 30, RUNNING = 4, ALL = 2000 };
	static struct turn turn[ALL];
	struct turn	  *running[RUNNING];
	int		   came = 0, served = 0;

	turns_start(&t, 8, RUNNING, 256, 64);
	while (came < BURST)
		(void)join(&turn[came++], "contact:1");
	for (; served < RUNNING; served++) {
		running[served] = turns_next(&t);
		CHECK(running[served] == &turn[served]);
	}
	while (t.running > 0) {
		turns_end(&t, running[served % RUNNING]);
		/* the burst shrinks to half of it at first */
		if (served > BURST / 2 && came < ALL)
			(void)join(&turn[came++], "contact:1");
		running[served % RUNNING] = turns_next(&t);
		if (served < ALL)
			CHECK(running[served % RUNNING] == &turn[served]);
		served++;
	}
	CHECK(came == ALL && is_empty());
}

/* Two keep everything busy and always have more: a third gets its turn. */
static void
test_nobody_is_passed_for_ever(void)
{
	enum { ALL = 8, EACH = 4, ROUNDS = 50 };
	static struct turn turn[2 * ROUNDS + 32];
	const char	  *keys[] = { "contact:1", "contact:2" };
	struct turn	  *running[ALL], c[3];
	int		   came = 0, i;

	turns_start(&t, ALL, EACH, 256, 64);
	for (; came < 24; came++)
		(void)join(&turn[came], keys[came % 2]);
	for (i = 0; i < ALL; i++)
		running[i] = turns_next(&t);
	for (i = 0; i < 3; i++)
		(void)join(&c[i], "contact:3");
	for (i = 0; i < 3; i++) {
		(void)join(&turn[came], keys[came % 2]);
		came++;
		turns_end(&t, running[i]);
		CHECK(turns_next(&t) == &c[i]);
	}
	for (i = 3; i < ALL; i++)
		turns_end(&t, running[i]);
	for (i = 0; i < 3; i++)
		turns_end(&t, &c[i]);
	CHECK(t.running == 0);
}

/* One at a time: a queue of many does not go before one that comes later. */
static void
test_keys_go_in_turn_where_there_is_only_one_place(void)
{
	struct turn  a[3], b[2], c;
	struct turn *order[] = { &a[0], &b[0], &a[1], &c, &b[1], &a[2] };
	size_t	     i;

	turns_start(&t, 1, 1, 8, 8);
	for (i = 0; i < 3; i++)
		(void)join(&a[i], "a");
	CHECK(turns_next(&t) == order[0]);
	(void)join(&b[0], "b");
	(void)join(&b[1], "b");
	for (i = 1; i < sizeof(order) / sizeof(*order); i++) {
		turns_end(&t, order[i - 1]);
		CHECK(turns_next(&t) == order[i]);
		if (i == 1)
			(void)join(&c, "c");
	}
	turns_end(&t, &a[2]);
	CHECK(is_empty());
}

/* To ask for more does not cost the place that one has. */
static void
test_who_asks_for_more_keeps_its_place(void)
{
	struct turn a, b[2], c[2];

	turns_start(&t, 1, 1, 8, 8);
	(void)join(&a, "a");
	CHECK(turns_next(&t) == &a);
	(void)join(&b[0], "b");
	(void)join(&c[0], "c");
	(void)join(&b[1], "b");
	(void)join(&c[1], "c");
	turns_end(&t, &a);
	CHECK(turns_next(&t) == &b[0]);
	turns_leave(&t, &b[1]);
	turns_leave(&t, &c[1]);
	turns_end(&t, &b[0]);
	CHECK(turns_next(&t) == &c[0]);
	turns_end(&t, &c[0]);
	CHECK(is_empty());
}

static void
test_a_key_has_a_share(void)
{
	struct turn a[2], b;

	turns_start(&t, 1, 1, 3, 2);
	(void)join(&a[0], "staff:1");
	(void)join(&a[1], "staff:1");
	CHECK(refused("staff:1") == TURN_SHARE);
	CHECK(turns_next(&t) == &a[0]);
	CHECK(refused("staff:1") == TURN_SHARE); /* of both together */
	turns_end(&t, &a[0]);
	CHECK(join(&b, "staff:1") == NULL);
	turns_leave(&t, &b);
	turns_leave(&t, &a[1]);
	CHECK(is_empty());
}

static void
test_the_longest_queue_gives_way(void)
{
	struct turn a[4], b[2], c[2], d, *next;
	int	    i;

	turns_start(&t, 1, 1, 6, 6);
	for (i = 0; i < 4; i++)
		CHECK(join(&a[i], "a") == NULL);
	CHECK(join(&b[0], "b") == NULL);
	CHECK(join(&b[1], "b") == NULL);
	CHECK(refused("a") == TURN_FULL); /* its own is the longest */
	CHECK(join(&c[0], "c") == &a[3]);
	CHECK(join(&c[1], "c") == &a[2]);
	CHECK(refused("c") == TURN_FULL); /* it would have more than a */
	CHECK(refused("b") == TURN_FULL);
	CHECK(join(&d, "d") != NULL); /* one of those who have two */
	CHECK(t.waiting == 6);
	while ((next = turns_next(&t)) != NULL)
		turns_end(&t, next);
	CHECK(is_empty());
}

/* Nobody loses its only one: then the newcomer is refused. */
static void
test_the_only_one_of_a_key_stays(void)
{
	struct turn a, b;

	turns_start(&t, 1, 1, 2, 2);
	(void)join(&a, "a");
	(void)join(&b, "b");
	CHECK(refused("c") == TURN_FULL);
	turns_leave(&t, &a);
	CHECK(turns_next(&t) == &b);
	turns_end(&t, &b);
	CHECK(is_empty());
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
	CHECK(is_empty());
}

/* More keys than places of the table, and each is known by its own. */
static void
test_many_keys_stay_apart(void)
{
	enum { KEYS = TURNS_PLACES * 3 };
	static struct turn turn[KEYS][2];
	char		   key[32];
	int		   i;

	turns_start(&t, KEYS, 1, KEYS * 2, 2);
	for (i = 0; i < KEYS * 2; i++) {
		snprintf(key, sizeof(key), "contact:%d", i % KEYS);
		(void)join(&turn[i % KEYS][i / KEYS], key);
	}
	for (i = 0; i < KEYS; i++)
		CHECK(turns_next(&t) == &turn[i][0]);
	CHECK(turns_next(&t) == NULL);
	for (i = KEYS - 1; i >= 0; i--) {
		turns_end(&t, &turn[i][0]);
		CHECK(turns_next(&t) == &turn[i][1]);
		turns_end(&t, &turn[i][1]);
	}
	CHECK(is_empty());
}

int
main(void)
{
	RUN(test_nobody_waits_behind_all_of_another_one);
	RUN(test_a_key_is_served_in_the_order_in_which_it_came);
	RUN(test_nobody_is_passed_for_ever);
	RUN(test_keys_go_in_turn_where_there_is_only_one_place);
	RUN(test_who_asks_for_more_keeps_its_place);
	RUN(test_a_key_has_a_share);
	RUN(test_the_longest_queue_gives_way);
	RUN(test_the_only_one_of_a_key_stays);
	RUN(test_who_has_waited_too_long_leaves);
	RUN(test_many_keys_stay_apart);
	return unit_end("turns");
}
