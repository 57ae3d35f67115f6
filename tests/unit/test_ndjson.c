/*
 * Unit test of ndjson.c: lines, in pieces of all sizes.
 */
#include "imported.h"
#include "unit.h"

static struct arena *arena;

static void
test_lines_are_records(void)
{
	static const struct {
		const char *text, *wanted;
	} files[] = {
		{ "", "" },
		{ "{}", "1:{}" },
		{ "{}\n{}\n", "1:{} 2:{}" },
		{ "\n \t\n\r\n{}\n\n{}", "4:{} 6:{}" },
		{ "\xef\xbb\xbf{}\n", "1:{}" },
	};
	size_t i, piece, len;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		unit_case = files[i].text;
		len = strlen(files[i].text);
		for (piece = 1; piece <= len + 1; piece++)
			CHECK_STR(imported(arena, false, files[i].text, len,
				      piece),
			    files[i].wanted);
	}
	unit_case = "";
}

/* In time that grows with the text alone, and in little memory. */
static void
test_a_line_that_is_too_long_is_passed_over(void)
{
	static const size_t pieces[] = { 1, 100, 65536, 65537, 1000000 };
	struct builder	    text = { .arena = arena };
	size_t		    i, over;

	for (over = 0; over < 3; over++) {
		text.len = 0;
		builder_add(&text, "1\n");
		for (i = 0; i < IMPORT_RECORD_MAX + over * over * 50000; i++)
			builder_add(&text, "x");
		builder_add(&text, over == 0 ? "\n" : "\n\n3\n");
		for (i = 0; over > 0 && i < sizeof(pieces) / sizeof(pieces[0]);
		     i++)
			CHECK_STR(imported(arena, false, builder_text(&text),
				      text.len, pieces[i]),
			    "1:1 2:! 4:3");
		if (over == 0)
			CHECK_HAS(imported(arena, false, builder_text(&text),
				      text.len, 100),
			    "2:xxx");
	}
}

int
main(void)
{
	arena = arena_new();
	RUN(test_lines_are_records);
	RUN(test_a_line_that_is_too_long_is_passed_over);
	arena_free(arena);
	return unit_end("ndjson");
}
