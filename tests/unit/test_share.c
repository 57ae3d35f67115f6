/*
 * Unit test of share.c: nobody takes more than its share, and none is lost.
 */
#include "share.h"
#include "unit.h"

static void
test_a_key_takes_its_share_and_no_more(void)
{
	struct shares s = { .all = 100, .each = 40 };

	CHECK(share_take(&s, "contact:1", 40));
	CHECK(!share_take(&s, "contact:1", 1));
	CHECK(share_take(&s, "contact:2", 39));
	CHECK(!share_take(&s, "contact:2", 2));
	CHECK(share_held(&s, "contact:2") == 39);
	share_give(&s, "contact:1", 1);
	CHECK(share_take(&s, "contact:1", 1));
	CHECK(!share_take(&s, "contact:3", 22)); /* of all, 21 are left */
	CHECK(share_take(&s, "contact:3", 21));
	CHECK(s.taken == 100);
	share_give(&s, "contact:1", 40);
	share_give(&s, "contact:2", 39);
	share_give(&s, "contact:3", 21);
	CHECK(s.taken == 0 && share_held(&s, "contact:1") == 0);
}

static void
test_sums_do_not_wrap_around(void)
{
	struct shares s = { .all = 10, .each = 10 };

	CHECK(share_take(&s, "a", 5));
	CHECK(!share_take(&s, "a", (size_t)-1));
	CHECK(!share_take(&s, "b", (size_t)-3));
	CHECK(share_held(&s, "b") == 0 && s.taken == 5);
	share_give(&s, "a", 5);
}

/* More keys than places, given back in another order. */
static void
test_many_keys_stay_apart(void)
{
	struct shares s = { .all = SHARE_PLACES * 4, .each = 2 };
	char	      key[SHARE_KEY_MAX];
	int	      i, n = SHARE_PLACES * 3;

	for (i = 0; i < n; i++) {
		snprintf(key, sizeof(key), "contact:%d", i);
		CHECK(share_take(&s, key, 1));
	}
	for (i = n - 1; i >= 0; i -= 2) {
		snprintf(key, sizeof(key), "contact:%d", i);
		share_give(&s, key, 1);
	}
	CHECK(s.taken == (size_t)n / 2);
	CHECK(share_held(&s, "contact:1") == 0);
	CHECK(share_held(&s, "contact:0") == 1);
	for (i = n - 2; i >= 0; i -= 2) {
		snprintf(key, sizeof(key), "contact:%d", i);
		share_give(&s, key, 1);
	}
	CHECK(s.taken == 0);
}

int
main(void)
{
	RUN(test_a_key_takes_its_share_and_no_more);
	RUN(test_sums_do_not_wrap_around);
	RUN(test_many_keys_stay_apart);
	return unit_end("test_share");
}
