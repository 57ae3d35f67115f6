/*
 * Unit test of bucket.c: so many at once, and again as time passes.
 */
#include "bucket.h"
#include "unit.h"

#define SECOND 1000000

static struct buckets b;

static void
test_a_full_bucket_is_emptied_and_fills_again(void)
{
	struct bucket_state state;
	int64_t		    now = 5 * SECOND;

	bucket_start(&b, 3, 60, 16); /* three a minute */
	CHECK(bucket_take(&b, "a", now, &state) && state.left == 2);
	CHECK(bucket_take(&b, "a", now, NULL));
	CHECK(bucket_take(&b, "a", now, &state) && state.left == 0);
	CHECK(state.until > 19 && state.until <= 20);
	CHECK(!bucket_has(&b, "a", now));
	CHECK(!bucket_take(&b, "a", now, NULL));
	CHECK(!bucket_take(&b, "a", now + 19 * SECOND, NULL));
	CHECK(bucket_take(&b, "a", now + 21 * SECOND, NULL));
	CHECK(!bucket_take(&b, "a", now + 21 * SECOND, NULL));
}

static void
test_a_bucket_holds_no_more_than_it_can(void)
{
	int i;

	bucket_start(&b, 2, 1, 16);
	CHECK(bucket_take(&b, "a", SECOND, NULL));
	for (i = 0; i < 2; i++)
		CHECK(bucket_take(&b, "a", 1000 * (int64_t)SECOND, NULL));
	CHECK(!bucket_take(&b, "a", 1000 * (int64_t)SECOND, NULL));
}

/* Idle for minutes or a night, whether it was full, half empty or empty. */
static void
test_who_is_idle_saves_nothing_up(void)
{
	static const int    idle[] = { 61, 300, 36000 };
	struct bucket_state state;
	int64_t		    now = SECOND;
	int		    used, i;
	size_t		    k;

	for (k = 0; k < sizeof(idle) / sizeof(idle[0]); k++) {
		for (used = 0; used <= 5; used++) {
			bucket_start(&b, 5, 60, 16);
			CHECK(bucket_has(&b, "a", now));
			for (i = 0; i < used; i++)
				CHECK(bucket_take(&b, "a", now, NULL));
			now += idle[k] * (int64_t)SECOND;
			CHECK(bucket_has(&b, "a", now)); /* saves nothing */
			for (i = 5; i > 0; i--)
				CHECK(bucket_take(&b, "a", now, &state) &&
				    state.left == i - 1);
			CHECK(!bucket_take(&b, "a", now, NULL));
		}
	}
}

/* One place: the newcomer takes it over, and both find a full bucket. */
static void
test_nobody_pays_for_another_one(void)
{
	bucket_start(&b, 1, 60, 1);
	CHECK(bucket_take(&b, "a", SECOND, NULL));
	CHECK(!bucket_has(&b, "a", SECOND));
	CHECK(bucket_take(&b, "b", SECOND, NULL));
	CHECK(!bucket_has(&b, "b", SECOND));
	CHECK(bucket_has(&b, "a", SECOND));
}

int
main(void)
{
	RUN(test_a_full_bucket_is_emptied_and_fills_again);
	RUN(test_a_bucket_holds_no_more_than_it_can);
	RUN(test_who_is_idle_saves_nothing_up);
	RUN(test_nobody_pays_for_another_one);
	return unit_end("test_bucket");
}
