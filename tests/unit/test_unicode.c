/*
 * Unit test of unicode.c. What each character is comes from Unicode itself;
 * here are one of each kind, and those next to it that are none.
 */
#include "unicode.h"
#include "unit.h"

static void
test_each_property_has_its_characters(void)
{
	static const struct {
		uint32_t character;
		unsigned properties;
	} of[] = {
		{ 'a', 0 },
		{ ' ', UNICODE_WHITE_SPACE },
		{ '\t', UNICODE_WHITE_SPACE | UNICODE_CONTROL },
		{ 0x1b, UNICODE_CONTROL },
		{ 0x7f, UNICODE_CONTROL },
		{ 0x85, UNICODE_WHITE_SPACE | UNICODE_CONTROL },
		{ 0x9f, UNICODE_CONTROL },
		{ 0xa0, UNICODE_WHITE_SPACE },
		{ 0xa1, 0 },
		{ 0xad, UNICODE_IGNORABLE | UNICODE_FORMAT },
		{ 0x301, 0 }, /* an accent alone can be seen */
		{ 0x34f, UNICODE_IGNORABLE },
		{ 0x600, 0 }, /* a mark in front of digits */
		{ 0x61c, UNICODE_IGNORABLE | UNICODE_BIDI | UNICODE_FORMAT },
		{ 0x115f, UNICODE_IGNORABLE },
		{ 0x2007, UNICODE_WHITE_SPACE },
		{ 0x200b, UNICODE_IGNORABLE | UNICODE_FORMAT },
		{ 0x2028, UNICODE_WHITE_SPACE | UNICODE_LINE_END },
		{ 0x2029, UNICODE_WHITE_SPACE | UNICODE_LINE_END },
		{ 0x202e, UNICODE_IGNORABLE | UNICODE_BIDI | UNICODE_FORMAT },
		{ 0x2069, UNICODE_IGNORABLE | UNICODE_BIDI | UNICODE_FORMAT },
		{ 0x2800, UNICODE_BLANK },
		{ 0x2801, 0 },
		{ 0x3000, UNICODE_WHITE_SPACE },
		{ 0x3164, UNICODE_IGNORABLE },
		{ 0xe000, 0 }, /* what an application makes of it */
		{ 0xfdd0, 0 },
		{ 0xfe0f, UNICODE_IGNORABLE },
		{ 0xfeff, UNICODE_IGNORABLE | UNICODE_FORMAT },
		{ 0xffa0, UNICODE_IGNORABLE },
		{ 0xfff9, UNICODE_FORMAT },
		{ 0xfffd, 0 },
		{ 0xffff, 0 },
		{ 0x1d159, UNICODE_BLANK },
		{ 0x1f600, 0 },
		{ 0xe0020, UNICODE_IGNORABLE | UNICODE_FORMAT },
		{ 0x10ffff, 0 },
		{ 0x110000, 0 },
	};
	char   name[16];
	size_t i;

	for (i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		snprintf(name, sizeof(name), "U+%04X", of[i].character);
		unit_case = name;
		CHECK(unicode_properties(of[i].character) == of[i].properties);
	}
	unit_case = "";
}

static void
test_a_text_shows_what_can_be_seen(void)
{
	CHECK(!unicode_shows(""));
	CHECK(!unicode_shows(" \t\r\n"));
	CHECK(!unicode_shows("\u00a0\u3000\u200b\u2800\U000e0020"));
	CHECK(unicode_shows("\u200b\u200b."));
	CHECK(unicode_shows(" \u00e9"));
	CHECK(unicode_shows("\U0001f469\u200d\U0001f52c"));
}

static void
test_a_text_holds_what_its_characters_are(void)
{
	CHECK(unicode_holds("") == 0);
	CHECK(unicode_holds("Ada L.") == UNICODE_WHITE_SPACE);
	CHECK((unicode_holds("a\u200db\ufe0f") & UNICODE_UNFIT) == 0);
	CHECK(unicode_holds("a\033[1m") & UNICODE_CONTROL);
	CHECK(unicode_holds("a\u2028b") & UNICODE_LINE_END);
	CHECK(unicode_holds("a\u202eb") & UNICODE_BIDI);
}

int
main(void)
{
	RUN(test_each_property_has_its_characters);
	RUN(test_a_text_shows_what_can_be_seen);
	RUN(test_a_text_holds_what_its_characters_are);
	return unit_end("unicode");
}
