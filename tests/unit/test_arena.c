/*
 * Unit test of arena.c and base64url.c.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "base64url.h"
#include "unit.h"

static int order[3], released;

static void
release(void *object)
{
	order[released++] = *(int *)object;
}

static void
test_allocations_are_zeroed_aligned_and_apart(void)
{
	static const size_t sizes[] = { 1, 7, 16, 100, 2048, 2049, 5000, 8192,
		100000, 0, 3 };
	struct arena	   *arena;
	unsigned char	   *p[200];
	size_t		    i, j, round, size, bad = 0;

	/* Twice, so that the second round sees used chunks. */
	for (round = 0; round < 2; round++) {
		arena = arena_new();
		for (i = 0; i < 200; i++) {
			size = sizes[i % 11];
			p[i] = arena_alloc(arena, size);
			bad += (uintptr_t)p[i] % _Alignof(max_align_t) != 0;
			for (j = 0; j < size; j++)
				bad += p[i][j] != 0;
			memset(p[i], (int)i + 1, size);
		}
		for (i = 0; i < 200; i++) {
			for (j = 0; j < sizes[i % 11]; j++)
				bad += p[i][j] != (unsigned char)(i + 1);
		}
		arena_free(arena);
	}
	CHECK(bad == 0);
}

static void
test_deferred_functions_run_newest_first(void)
{
	static int    numbers[] = { 1, 2, 3 };
	struct arena *arena = arena_new();
	int	      i;

	for (i = 0; i < 3; i++)
		arena_defer(arena, release, &numbers[i]);
	CHECK(released == 0);
	arena_free(arena);
	CHECK(released == 3);
	CHECK(order[0] == 3 && order[1] == 2 && order[2] == 1);
}

static void
test_texts_are_copied_and_formatted(void)
{
	struct arena *arena = arena_new();
	char	      longer[1000];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	CHECK_STR(arena_strdup(arena, "case"), "case");
	CHECK_STR(arena_strndup(arena, "case", 2), "ca");
	CHECK_STR(arena_strndup(arena, "case", 9), "case");
	CHECK_STR(arena_printf(arena, "%s/%d", "case", 7), "case/7");
	CHECK_STR(arena_printf(arena, "%s", longer), longer);
	CHECK_STR(arena_printf(arena, "%s", ""), "");
	arena_free(arena);
	arena_free(NULL);
}

static void
test_base64url_takes_only_the_canonical_form(void)
{
	static const struct {
		const char *text;
		int	    len; /* -1: refused */
	} cases[] = {
		{ "", 0 },
		{ "AA", 1 },
		{ "AAA", 2 },
		{ "AAAA", 3 },
		{ "_-_-", 3 },
		{ "Zg", 1 },
		{ "Zm8", 2 },
		{ "A", -1 },
		{ "AAAAA", -1 },
		{ "AB", -1 },
		{ "AAB", -1 },
		{ "AA==", -1 },
		{ "+AAA", -1 },
		{ "A/AA", -1 },
		{ "AA A", -1 },
		{ "AAA\n", -1 },
		{ "AA\xc3\xa9", -1 },
	};
	unsigned char bytes[64], back[64];
	char	      text[BASE64URL_LENGTH(64) + 1];
	size_t	      i, len;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].text;
		CHECK(base64url_decode(cases[i].text, strlen(cases[i].text),
			  bytes) == cases[i].len);
	}
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)(i * 37 + 200);
	for (len = 0; len <= sizeof(bytes); len++) {
		base64url_encode(bytes, len, text);
		CHECK(strlen(text) == BASE64URL_LENGTH(len));
		CHECK(base64url_decode(text, strlen(text), back) ==
		    (ssize_t)len);
		CHECK(memcmp(bytes, back, len) == 0);
	}
}

int
main(int argc, char **argv)
{
	(void)argc;
	RUN(test_allocations_are_zeroed_aligned_and_apart);
	RUN(test_deferred_functions_run_newest_first);
	RUN(test_texts_are_copied_and_formatted);
	RUN(test_base64url_takes_only_the_canonical_form);
	return unit_end(argv[0]);
}
