/*
 * Unit test of the names of files: which every disk takes, and shows as they
 * are.
 */
#include <stdlib.h>

#include "filename.h"
#include "unit.h"

static const char *const good[] = { "a", "a.b", ".bashrc", "-rf", "a b.txt",
	"100%.txt", "it's; a=b.txt", "~a", "a..b", ".a.b", "(1).pdf", "#1.txt",
	"\xc3\x9c"
	"bersicht.pdf",
	"U\xcc\x88"
	"bersicht.pdf",
	"\xe6\x88\x90\xe7\xb8\xbe.csv",
	"\xd8\xaf\xd8\xb1\xd8\xac\xd8\xa7\xd8\xaa",
	/* U+00A0 and U+202F, as in the names of screenshots; U+3000 */
	"a\xc2\xa0"
	"b",
	"9.41\xe2\x80\xaf"
	"AM.png",
	"a\xe3\x80\x80"
	"b",
	/* ZWNJ within a word, ZWJ in a family, variations, a keycap, a flag */
	"\xd9\x85\xdb\x8c\xe2\x80\x8c\xd8\xb1\xd9\x88\xd8\xaf.pdf",
	"\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x91\xa7.png",
	"\xe2\x9d\xa4\xef\xb8\x8f.png", "1\xef\xb8\x8f\xe2\x83\xa3",
	"\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xbf",
	"\xe8\x91\x9b\xf3\xa0\x84\x80", "\xe1\xa0\xa0\xe1\xa0\x8b",
	/* near a device */
	"con1", "xnul", "nulx.txt", "com", "com10", "com\xc2\xb4", "lpt",
	"a.nul", "con_", "auxiliary.txt" };

static const struct {
	const char *name, *fault;
} bad[] = {
	{ "\xff", "UTF-8" },
	{ "a\xc3", "UTF-8" },
	{ "\xed\xa0\x80", "UTF-8" },
	{ "a\nb", "control" },
	{ "a\x1b", "control" },
	{ "a\x7f", "control" },
	{ "a\xc2\x85", "control" },
	{ "a\xe2\x80\xa8"
	  "b",
	    "U+2028" },
	{ "a\xe2\x80\xa9"
	  "b",
	    "U+2028" },
	{ "\xe2\x80\xae"
	  "fdp.exe",
	    "U+202E" },
	{ "a\xd8\x9c.txt", "U+202E" },
	{ "a\xe2\x80\x8e", "U+202E" },
	{ "a\xe2\x80\x8f", "U+202E" },
	{ "a\xe2\x81\xa6"
	  "b",
	    "U+202E" },
	{ "a\xe2\x81\xa9"
	  "b",
	    "U+202E" },
	{ "a\xe2\x80\x8b"
	  "b",
	    "U+200B" },
	{ "a\xef\xbb\xbf"
	  "b",
	    "U+200B" },
	{ "\xef\xbb\xbf"
	  "a",
	    "U+200B" },
	{ "a\xc2\xad"
	  "b",
	    "U+200B" },
	{ "a\xe2\x81\xa0"
	  "b",
	    "U+200B" },
	{ "a\xe1\xa0\x8e"
	  "b",
	    "U+200B" },
	{ "\xe3\x85\xa4", "U+200B" },
	{ "a\xef\xbe\xa0", "U+200B" },
	{ "a\xef\xbf\xb9"
	  "b",
	    "U+200B" },
	{ "a\xf3\xa0\x80\x81", "U+200B" },
	/* what joins, with nothing to join */
	{ "\xe2\x80\x8d.txt", "U+200B" },
	{ "\xef\xb8\x8f", "U+200B" },
	{ "a \xe2\x80\x8d"
	  "b",
	    "U+200B" },
	{ "", "more than" },
	{ ".", "more than" },
	{ "..", "more than" },
	{ ". . .", "more than" },
	{ " ", "more than" },
	{ "\xc2\xa0", "more than" },
	{ "\xe3\x80\x80.\xe2\xa0\x80", "more than" },
	{ "a/b", "none of" },
	{ "../a", "none of" },
	{ "a\\b", "none of" },
	{ "C:a", "none of" },
	{ "a*", "none of" },
	{ "a?", "none of" },
	{ "a\"b", "none of" },
	{ "<a", "none of" },
	{ "a>", "none of" },
	{ "a|b", "none of" },
	{ "a.", "end in" },
	{ "a ", "end in" },
	{ "a. ", "end in" },
	{ "nul", "devices" },
	{ "NUL.txt", "devices" },
	{ "Con.tar.gz", "devices" },
	{ "aux .txt", "devices" },
	{ "prn.", "end in" },
	{ "COM1", "devices" },
	{ "com0.txt", "devices" },
	{ "lpt9.log", "devices" },
	{ "com\xc2\xb9", "devices" },
	{ "LPT\xc2\xb3.txt", "devices" },
	{ "CONIN$", "devices" },
	{ "conout$.txt", "devices" },
};

static void
test_a_name_that_every_disk_takes_is_good(void)
{
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		unit_case = good[i];
		CHECK_STR(filename_fault(good[i]), NULL);
	}
}

static void
test_of_others_a_sentence_says_why(void)
{
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unit_case = bad[i].name;
		CHECK_HAS(filename_fault(bad[i].name), bad[i].fault);
	}
}

static void
test_a_name_has_255_bytes_at_most(void)
{
	char   name[300] = "";
	size_t n;

	for (n = 0; n + 4 < FILENAME_BYTES_MAX; n += 4)
		strcpy(name + n, "\xf0\x9f\x98\x80");
	strcpy(name + n, "xyz");
	CHECK(strlen(name) == FILENAME_BYTES_MAX);
	CHECK_STR(filename_fault(name), NULL);
	strcat(name, "x");
	CHECK_HAS(filename_fault(name), "255 bytes");
}

int
main(void)
{
	RUN(test_a_name_that_every_disk_takes_is_good);
	RUN(test_of_others_a_sentence_says_why);
	RUN(test_a_name_has_255_bytes_at_most);
	return unit_end("filename");
}
