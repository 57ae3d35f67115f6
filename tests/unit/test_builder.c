/*
 * Unit test of builder.c and utf8_cut().
 */
#include <stdlib.h>

#include "builder.h"
#include "unit.h"
#include "utf8.h"

static void
test_pieces_of_any_length_follow_each_other(void)
{
	struct arena  *arena = arena_new();
	struct builder b = { .arena = arena };
	char	       piece[1000], *wanted = calloc(1, 1000000), *end = wanted;
	int	       i;

	CHECK_STR(builder_text(&b), "");
	builder_add(&b, "");
	CHECK_STR(builder_text(&b), "");
	for (i = 0; i < 1000; i++) {
		memset(piece, 'a' + i % 26, sizeof(piece));
		piece[i] = '\0';
		if (i % 3 == 0)
			builder_add(&b, piece);
		else if (i % 3 == 1)
			builder_add_bytes(&b, piece, (size_t)i);
		else
			builder_printf(&b, "%s", piece);
		end = stpcpy(end, piece);
	}
	CHECK_STR(builder_text(&b), wanted);
	CHECK(b.len == (size_t)(end - wanted));
	free(wanted);
	arena_free(arena);
}

static void
test_text_is_cut_before_a_character(void)
{
	CHECK(utf8_cut("abc", 4) == 3);
	CHECK(utf8_cut("abc", 3) == 3);
	CHECK(utf8_cut("abc", 2) == 2);
	CHECK(utf8_cut("a\xf0\x9f\x98\x80", 5) == 5);
	CHECK(utf8_cut("a\xf0\x9f\x98\x80", 4) == 1);
	CHECK(utf8_cut("", 0) == 0);
}

int
main(int argc, char **argv)
{
	(void)argc;
	RUN(test_pieces_of_any_length_follow_each_other);
	RUN(test_text_is_cut_before_a_character);
	return unit_end(argv[0]);
}
