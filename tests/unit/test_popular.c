/*
 * Unit test of popular.c: what is used keeps its place, whatever else comes.
 */
#include <stdlib.h>

#include "popular.h"
#include "unit.h"

#define PLACES 16

static struct popular p;

static void
test_free_places_are_for_everybody(void)
{
	struct popular_use use;
	uint64_t	   key;

	popular_start(&p, PLACES);
	for (key = 1; key <= PLACES; key++) {
		use = popular_use(&p, key);
		CHECK(use.place >= 0 && use.is_new && use.before == 0);
		CHECK(popular_use(&p, key).place == use.place);
		CHECK(!popular_use(&p, key).is_new);
	}
	CHECK(p.taken == PLACES);
	CHECK(popular_use(&p, key).place == -1);
}

/* Each rare one comes again and again, but never twice in a short time. */
static void
test_a_flood_of_rare_ones_drives_out_nobody(void)
{
	uint64_t key, rare = 1000;
	int	 i, lost = 0;

	popular_start(&p, PLACES);
	for (i = 0; i < 200000; i++) {
		key = 1 + (uint64_t)i / 20 % PLACES;
		if (i % 20 == 0)
			lost += popular_use(&p, key).is_new && i > 20000;
		else
			(void)popular_use(&p, rare + (uint64_t)i % 10007);
	}

	CHECK(lost == 0);
	CHECK(p.taken == PLACES);
}

static void
test_what_nobody_uses_any_more_gives_way(void)
{
	struct popular_use use = { .place = -1 };
	uint64_t	   key;
	int		   i;

	popular_start(&p, PLACES);
	for (i = 0; i < 5000; i++)
		(void)popular_use(&p, 1 + (uint64_t)i % PLACES);
	for (i = 0; i < 20000 && use.place < 0; i++)
		for (key = 101; key <= 104; key++)
			use = popular_use(&p, key);
	CHECK(use.place >= 0 && use.before != 0);
	CHECK(p.taken == PLACES);
}

static void
test_who_is_held_stays(void)
{
	struct popular_use use;
	int		   i, held;

	popular_start(&p, 2);
	held = popular_use(&p, 1).place;
	popular_hold(&p, held);
	(void)popular_use(&p, 2);
	for (i = 0; i < 10000; i++) {
		use = popular_use(&p, 3 + (uint64_t)i % 2);
		CHECK(use.place != held);
	}
	popular_give(&p, held);
	popular_drop(&p, 1);
	CHECK(popular_use(&p, 5).place == held);
	popular_hold(&p, 0);
	popular_hold(&p, 1);
	for (i = 0; i < 1000; i++)
		CHECK(popular_use(&p, 6).place == -1);
}

/* Of many keys in a random order each is where it was put. */
static void
test_places_are_never_mixed_up(void)
{
	static uint64_t	   owner[POPULAR_PLACES_MAX];
	struct popular_use use;
	uint64_t	   key, random = 88172645463325252u;
	int		   i;

	popular_start(&p, POPULAR_PLACES_MAX);
	for (i = 0; i < 400000; i++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		key = 1 + random % (i % 1000 < 500 ? 600 : 5000);
		if (i % 97 == 0) {
			popular_drop(&p, key);
			continue;
		}
		use = popular_use(&p, key);
		if (use.place < 0)
			continue;
		if (use.is_new)
			CHECK(use.before == 0 ||
			    owner[use.place] == use.before);
		else
			CHECK(owner[use.place] == key);
		owner[use.place] = key;
	}
	CHECK(p.taken <= POPULAR_PLACES_MAX);
}

int
main(void)
{
	RUN(test_free_places_are_for_everybody);
	RUN(test_a_flood_of_rare_ones_drives_out_nobody);
	RUN(test_what_nobody_uses_any_more_gives_way);
	RUN(test_who_is_held_stays);
	RUN(test_places_are_never_mixed_up);
	free(p.place);
	return unit_end("popular");
}
