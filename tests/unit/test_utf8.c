/*
 * Unit test of UTF-8: what is a character, and how many there are.
 */
#include "unit.h"
#include "utf8.h"

static void
test_a_character_has_its_number_and_its_length(void)
{
	static const struct {
		const char *text;
		size_t	    length;
		uint32_t    character;
	} cases[] = {
		{ "a", 1, 0x61 }, { "\x7f", 1, 0x7f }, { "\xc2\x80", 2, 0x80 },
		{ "\xdf\xbf", 2, 0x7ff }, { "\xe0\xa0\x80", 3, 0x800 },
		{ "\xed\x9f\xbf", 3, 0xd7ff }, { "\xee\x80\x80", 3, 0xe000 },
		{ "\xef\xbf\xbf", 3, 0xffff },
		{ "\xf0\x90\x80\x80", 4, 0x10000 },
		{ "\xf4\x8f\xbf\xbf", 4, 0x10ffff },
		{ "\xe2\x82\xac\xe2", 3, 0x20ac }, /* only the first counts */
	};
	uint32_t c;
	size_t	 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].text;
		c = 0;
		CHECK(utf8_decode(cases[i].text, &c) == cases[i].length);
		CHECK(c == cases[i].character);
	}
}

static void
test_what_another_reader_might_decode_is_no_character(void)
{
	static const char *const texts[] = {
		"\x80", "\xbf",				/* the inside of one */
		"\xc0\xaf", "\xc1\xbf",			/* longer than needed */
		"\xe0\x80\xaf", "\xe0\x9f\xbf",		/* the same */
		"\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", /* the same */
		"\xed\xa0\x80", "\xed\xbf\xbf",		/* surrogates */
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", /* beyond U+10FFFF */
		"\xff", "\xfe",				/* never in UTF-8 */
		"\xc3", "\xe2\x82", "\xf0\x9f\x98",	/* cut off */
		"\xc3(", "\xe2\x28\xa1",		/* not continued */
	};
	uint32_t c;
	size_t	 i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		unit_case = texts[i];
		CHECK(utf8_decode(texts[i], &c) == 0);
	}
}

static void
test_characters_are_counted_not_bytes(void)
{
	CHECK(utf8_length("", 0) == 0);
	CHECK(utf8_length("abc", 3) == 3);
	CHECK(utf8_length("\xc3\xa9t\xc3\xa9", 5) == 3);
	CHECK(utf8_length("\xf0\x9f\x98\x80", 4) == 1);
	CHECK(utf8_length("a\0b", 3) == 3);
}

int
main(void)
{
	RUN(test_a_character_has_its_number_and_its_length);
	RUN(test_what_another_reader_might_decode_is_no_character);
	RUN(test_characters_are_counted_not_bytes);
	return unit_end("utf8");
}
