/*
 * Unit test of uri.c: percent-decoding of paths and queries (RFC 3986).
 */
#include "unit.h"
#include "uri.h"

static struct arena *arena;

static void
test_paths_are_split_before_they_are_decoded(void)
{
	const char *segment[4];
	size_t	    n;

	CHECK(uri_split_path(arena, "/v1/a%2Fb/%C3%a9", segment, 4, &n));
	CHECK(n == 3);
	CHECK_STR(segment[1], "a/b");
	CHECK_STR(segment[2], "\xc3\xa9");
	CHECK(uri_split_path(arena, "/a+b%20c", segment, 4, &n) && n == 1);
	CHECK_STR(segment[0], "a+b c");
	CHECK(uri_split_path(arena, "/", segment, 4, &n) && n == 1);
	CHECK_STR(segment[0], "");
	CHECK(!uri_split_path(arena, "/a/b/c/d/e", segment, 4, &n));
}

static void
test_bad_encodings_are_refused(void)
{
	static const char *const bad[] = { "/%", "/%4", "/%zz", "/%00", "/%0a",
		"/%7f", "/%c3", "/%c0%80", "/%ed%a0%80", "/%f4%90%80%80",
		"/%ff", "/%e2%82" };
	const char		*segment[4];
	size_t			 i, n;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unit_case = bad[i];
		CHECK(!uri_split_path(arena, bad[i], segment, 4, &n));
	}
}

static void
test_queries_come_pair_by_pair(void)
{
	static const char *const pairs[][2] = { { "a", "b c" }, { "d", "" },
		{ "e", "==" }, { NULL, "1" } };
	const char		*query = "a=b+c&&d&e=%3D=&%zz=1";
	struct uri_pair		 pair;
	size_t			 i;

	for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		CHECK(uri_next_pair(&query, &pair));
		CHECK_STR(uri_decode(arena, pair.name, pair.name_len,
			      URI_QUERY),
		    pairs[i][0]);
		CHECK_STR(uri_decode(arena, pair.value, pair.value_len,
			      URI_QUERY),
		    pairs[i][1]);
	}
	CHECK(!uri_next_pair(&query, &pair));
}

static void
test_what_is_encoded_is_unreserved_and_decodes_to_the_same(void)
{
	CHECK_STR(uri_encode(arena, "a b,&\xc3\xa9~"), "a%20b%2C%26%C3%A9~");
	CHECK_STR(uri_encode_sent(arena, "a+b,%2C<\"~=", 11),
	    "a+b,%2C%3C%22~%3D");
}

int
main(void)
{
	arena = arena_new();
	RUN(test_paths_are_split_before_they_are_decoded);
	RUN(test_bad_encodings_are_refused);
	RUN(test_queries_come_pair_by_pair);
	RUN(test_what_is_encoded_is_unreserved_and_decodes_to_the_same);
	arena_free(arena);
	return unit_end("uri");
}
