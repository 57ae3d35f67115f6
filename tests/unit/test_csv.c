/*
 * Unit test of csv.c and import_text.c: the forms in which spreadsheets write
 * tables, in pieces of all sizes.
 */
#include "imported.h"
#include "unit.h"

static struct arena *arena;

struct table {
	const char *text, *wanted;
};

static void
check(const struct table *tables, size_t count)
{
	size_t i, piece, len;

	for (i = 0; i < count; i++) {
		unit_case = tables[i].text;
		len = strlen(tables[i].text);
		for (piece = 1; piece <= len + 1; piece++)
			CHECK_STR(imported(arena, true, tables[i].text, len,
				      piece),
			    tables[i].wanted);
	}
	unit_case = "";
}

#define CHECK_ALL(tables) check(tables, sizeof(tables) / sizeof(tables[0]))

static void
test_records_and_fields(void)
{
	static const struct table tables[] = {
		{ "a,b\n1,2\n", "1:a|b 2:1|2" },
		{ "a,b\r\n1,2\r\n3,4", "1:a|b 2:1|2 3:3|4" },
		{ "a,b\n,2\n1,\n", "1:a|b 2:|2 3:1|" },
		{ "a,b\n 1 ,\t2 3\xc2\xa0\n", "1:a|b 2:1|2 3" },
		{ "a,b\n\" 1\n\" , \"2\"\n3,4\n", "1:a|b 2:1|2 4:3|4" },
		{ "a\tb\n 1 \t\n\t2\n", "1:a|b 2:1| 3:|2" },
		{ "a,b\n\"1\",\"2\"\n", "1:a|b 2:1|2" },
		{ "a,b\n\"x,y\",\"p \"\"q\"\"\"\n", "1:a|b 2:x,y|p \"q\"" },
		{ "a,b\n\"x\r\ny\",2\n3,4\n", "1:a|b 2:x\r\ny|2 4:3|4" },
		{ "a,b\n\"\",\"\"\"\"\n", "1:a|b 2:|\"" },
		{ "a,b\n=1,-2\n+3,@4\n", "1:a|b 2:=1|-2 3:+3|@4" },
	};

	CHECK_ALL(tables);
}

/* As old Macs end lines. */
static void
test_a_carriage_return_ends_a_line(void)
{
	static const struct table tables[] = {
		{ "a,b\r1,2\r\r3,4\r", "1:a|b 2:1|2 4:3|4" },
		{ "sep=;\ra;b\r1;2", "2:a|b 3:1|2" },
		{ "a\r\"1\r2\"\r\n3\n\r4", "1:a 2:1\n2 4:3 6:4" },
	};

	CHECK_ALL(tables);
}

static void
test_rows_without_anything_are_none(void)
{
	static const struct table tables[] = {
		{ "", "" },
		{ "\n\r\n\n", "" },
		{ "\n\r", "" },
		{ "\n\na,b\n\n1,2\n,\n\"\",\n\n\n", "3:a|b 5:1|2" },
		{ "a\n\n\n1", "1:a 4:1" },
		{ "a,b\n , \n1,2\n", "1:a|b 3:1|2" },
	};

	CHECK_ALL(tables);
}

static void
test_separators_are_found(void)
{
	static const struct table tables[] = {
		{ "a;b\n1,5;2\n", "1:a|b 2:1,5|2" },
		{ "a\tb\n1;2\t3\n", "1:a|b 2:1;2|3" },
		{ "a.b;c,d;e\n1;2;3\n", "1:a.b|c,d|e 2:1|2|3" },
		{ "sep=;\r\na;b\r\n1;2\r\n", "2:a|b 3:1|2" },
		{ "\"sep=|\"\na|b\n1|2\n", "2:a|b 3:1|2" },
		{ "sep=x\n1\n", "1:sep=x 2:1" },
		{ "\"a\";\"b\"\n\"1\";\"2\"\n", "1:a|b 2:1|2" },
	};

	CHECK_ALL(tables);
}

static void
test_a_bad_record_is_the_only_one(void)
{
	static const struct table tables[] = {
		{ "a,b\n1\n1,2,3\n4,5\n", "1:a|b 2:! 3:! 4:4|5" },
		{ "a,b\n1\"2,3\n\"1\"2,3\n4,5\n", "1:a|b 2:! 3:! 4:4|5" },
		{ "a,b\n1,\"2\" 3\n4,\"5\" \"\"\n6,7\n",
		    "1:a|b 2:! 3:! 4:6|7" },
	};

	CHECK_ALL(tables);
}

static void
test_a_quote_without_end_ends_all(void)
{
	static const struct table tables[] = {
		{ "a\n\"1\n2\n",
		    "1:a broken: The record that begins in line 2 has a quote "
		    "that does not end." },
	};
	struct builder text = { .arena = arena };
	int	       i;

	CHECK_ALL(tables);
	builder_add(&text, "a\n\"");
	for (i = 0; i < IMPORT_RECORD_MAX; i++)
		builder_add(&text, "x");
	builder_add(&text, "\"\n1\n");
	for (i = 1000; i < 100000; i *= 3)
		CHECK_HAS(imported(arena, true, builder_text(&text), text.len,
			      (size_t)i),
		    "begins in line 2 has more than 65536 bytes");
}

static void
test_a_record_has_a_bounded_number_of_fields(void)
{
	struct builder text = { .arena = arena };
	int	       i;

	builder_add(&text, "a");
	for (i = 0; i < 5000; i++)
		builder_add(&text, ",b");
	(void)imported(arena, true, builder_text(&text), text.len, 100);
	builder_add(&text, "\na\n");
	CHECK_HAS(imported(arena, true, builder_text(&text), text.len, 100),
	    " 2:!");
}

static void
test_encodings(void)
{
	static const struct {
		const char *bytes;
		size_t	    len;
		const char *wanted;
	} files[] = {
		{ "\xef\xbb\xbf"
		  "a\n\xc3\xa9",
		    7, "1:a 2:\xc3\xa9" },
		{ "\xef\xbb", 2,
		    " broken: Line 1 of the file is not UTF-8: save the file "
		    "as UTF-8." },
		{ "\xff\xfe"
		  "a\0\n\0\xe9\0\x3d\xd8\x00\xde",
		    12, "1:a 2:\xc3\xa9\xf0\x9f\x98\x80" },
		{ "\xfe\xff\0a\0\n\0\xe9\xd8\x3d\xde\x00", 12,
		    "1:a 2:\xc3\xa9\xf0\x9f\x98\x80" },
		{ "\xff\xfe", 2, "" },
		{ "\xff\xfe"
		  "a\0\n\0\x00\xde",
		    8, "1:a broken: Line 2 of the file is not UTF-16." },
		{ "\xff\xfe"
		  "a\0\n\0\x3d\xd8"
		  "b\0",
		    10, "1:a broken: Line 2 of the file is not UTF-16." },
		{ "\xff\xfe"
		  "a\0\n\0\x3d\xd8",
		    8,
		    "1:a broken: Line 2 of the file is not UTF-16: it ends "
		    "within a character." },
		{ "\xff\xfe"
		  "a\0\n",
		    5,
		    " broken: Line 1 of the file is not UTF-16: it ends within "
		    "a character." },
		{ "a\nb\xe9\n", 5,
		    "1:a broken: Line 2 of the file is not UTF-8: save the "
		    "file as UTF-8." },
		{ "a\0\n\0", 4,
		    " broken: Line 1 of the file has a NUL byte: save the file "
		    "as UTF-8." },
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		unit_case = files[i].wanted;
		CHECK_STR(imported(arena, true, files[i].bytes, files[i].len,
			      1),
		    files[i].wanted);
	}
	unit_case = "";
}

int
main(void)
{
	arena = arena_new();
	RUN(test_records_and_fields);
	RUN(test_a_carriage_return_ends_a_line);
	RUN(test_rows_without_anything_are_none);
	RUN(test_separators_are_found);
	RUN(test_a_bad_record_is_the_only_one);
	RUN(test_a_quote_without_end_ends_all);
	RUN(test_a_record_has_a_bounded_number_of_fields);
	RUN(test_encodings);
	arena_free(arena);
	return unit_end("csv");
}
