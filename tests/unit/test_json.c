/*
 * Unit test of json.c: what a request body may be.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "unit.h"

#define TEXT(literal) literal, sizeof(literal) - 1

static char err[256];

static int
accepts(const char *text, size_t len)
{
	json_t *value;

	err[0] = '\0';
	value = json_parse_strict(text, len, err, sizeof(err));
	json_decref(value);
	return value != NULL;
}

static void
test_every_kind_of_value_is_accepted(void)
{
	CHECK(accepts(TEXT("{\"a\": [1, -2.5e3, true, false, null]}")));
	CHECK(accepts(TEXT(" \t\r\n[]\n")));
	CHECK(accepts(TEXT("\"text\"")));
	CHECK(accepts(TEXT("9223372036854775807")));
	CHECK(accepts(TEXT("-9223372036854775808")));
	CHECK(accepts(TEXT("\"\xf0\x9f\x98\x80 \\ud83d\\ude00\"")));
	CHECK(accepts(TEXT("{\"a\":1,\"A\":2}")));
}

static void
test_what_is_refused_is_named_with_its_place(void)
{
	static const struct {
		const char *text;
		size_t	    len;
		const char *part;
	} cases[] = {
		{ TEXT(""), "empty" },
		{ TEXT("  "), "line 1" },
		{ TEXT("\xef\xbb\xbf{}"), "byte order mark" },
		{ TEXT("{\"a\":1,\n\"a\":2}"), "twice at line 2" },
		{ TEXT("{\"a\":1,\"\\u0061\":2}"), "twice" },
		{ TEXT("[\"a\0b\"]"), "NUL byte in the text at byte 3" },
		{ TEXT("{}\0"), "NUL byte in the text at byte 2" },
		{ TEXT("[\"\\u0000\"]"), "U+0000" },
		{ TEXT("{\"\\u0000\":1}"), "U+0000" },
		{ TEXT("[\"\xff\"]"), "UTF-8" },
		{ TEXT("[\"\xc0\xaf\"]"), "UTF-8" },
		{ TEXT("[\"\xed\xa0\x80\"]"), "UTF-8" },
		{ TEXT("[\"\xf4\x90\x80\x80\"]"), "UTF-8" },
		{ TEXT("[\"\\ud800\"]"), "surrogate pair at line 1" },
		{ TEXT("[\"\\udc00\"]"), "surrogate pair at line 1" },
		{ TEXT("[\"\\ud800\\u0041\"]"), "surrogate" },
		{ TEXT("9223372036854775808"), "out of range" },
		{ TEXT("[1e999]"), "out of range" },
		{ TEXT("[-1e999]"), "out of range" },
		{ TEXT("{} {}"), "more text" },
		{ TEXT("{}x"), "more text" },
		{ TEXT("[1,2"), "ends too early" },
		{ TEXT("{\"a\":"), "ends too early" },
		{ TEXT("[1,]"), "not valid JSON" },
		{ TEXT("{'a':1}"), "not valid JSON" },
		{ TEXT("[01]"), "not valid JSON" },
		{ TEXT("-07"), "not valid JSON at line 1, column 1 " },
		{ TEXT("[+1]"), "not valid JSON" },
		{ TEXT("[.5]"), "not valid JSON" },
		{ TEXT("[NaN]"), "not valid JSON" },
		{ TEXT("[\"\t\"]"), "not valid JSON" },
		{ TEXT("// no\n{}"), "not valid JSON" },
		{ TEXT("[1,\n  \"\xc3\xa9\", x]"),
		    "line 2, column 8 (byte 12)" },
		{ TEXT("[tru"), "not valid JSON" },
		{ TEXT("[\"\\u12"), "not valid JSON" },
		{ TEXT("[\"\\x\"]"), "not valid JSON" },
		{ TEXT("[\"a\\"), "ends too early" },
		{ TEXT("[\"\\ud83d\\u"), "surrogate" },
		{ TEXT("[\"\xc3"), "UTF-8" },
		{ TEXT("[1.]"), "not valid JSON" },
		{ TEXT("[1e]"), "not valid JSON" },
		{ TEXT("[1e+]"), "not valid JSON" },
		{ TEXT("[-]"), "not valid JSON" },
		{ TEXT("-"), "ends too early" },
		{ TEXT("[1 2]"), "not valid JSON" },
		{ TEXT("{\"a\" 1}"), "not valid JSON" },
		{ TEXT("{\"a\":1,}"), "not valid JSON" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].text;
		CHECK(!accepts(cases[i].text, cases[i].len));
		CHECK_HAS(err, cases[i].part);
	}
}

/* 32 levels pass, brackets within texts do not count. */
static void
test_depth_is_limited(void)
{
	char text[100000];

	memset(text, '[', 33);
	memset(text + 33, ']', 33);
	CHECK(accepts(text + 1, 64));
	CHECK(!accepts(text, 66));
	CHECK_HAS(err, "32 levels deep at byte 32");
	memset(text, '[', sizeof(text));
	CHECK(!accepts(text, sizeof(text)));
	CHECK(accepts(TEXT("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\""
			   "{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{{\"]")));
	CHECK(accepts(
	    TEXT("[[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],"
		 "[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[],[]]")));
}

/* Of a request; what we have written ourselves may be longer. */
static void
test_values_and_digits_are_limited(void)
{
	char	text[4 * JSON_VALUES_MAX], *p = text;
	json_t *value;
	bool	respelled;
	int	i;

	*p++ = '[';
	for (i = 0; i < JSON_VALUES_MAX - 1; i++)
		p = stpcpy(p, "1,");
	p[-1] = ']';
	value = json_parse_body(text, (size_t)(p - text), &respelled, err,
	    sizeof(err));
	CHECK(json_array_size(value) == JSON_VALUES_MAX - 1);
	json_decref(value);
	p[-1] = ',';
	p = stpcpy(p, "{}]");
	CHECK(json_parse_body(text, (size_t)(p - text), &respelled, err,
		  sizeof(err)) == NULL);
	CHECK_HAS(err, "more than 1200 values at byte 2399");
	CHECK(accepts(text, (size_t)(p - text)));
	memset(text, '1', sizeof(text));
	text[1] = '.';
	CHECK(accepts(text, 128));
	CHECK(!accepts(text, 129));
	CHECK_HAS(err, "128 characters at line 1, column 1 (byte 0)");
}

static void
test_escapes_and_characters_are_read(void)
{
	const char *text = "[\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9"
			   "\\u20AC\\ud83d\\ude00z\xc3\xa9\x7f\",\"\"]";
	json_t *value = json_parse_strict(text, strlen(text), err, sizeof(err));

	CHECK_STR(json_string_value(json_array_get(value, 0)),
	    "a\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80z\xc3\xa9\x7f");
	CHECK_STR(json_string_value(json_array_get(value, 1)), "");
	json_decref(value);
}

static void
test_errors_do_not_repeat_the_body(void)
{
	CHECK(!accepts(TEXT("{\"name\": secret}")));
	CHECK(strstr(err, "secret") == NULL);
	CHECK(!accepts(TEXT("{\"secret\":1,\"secret\":1}")));
	CHECK(strstr(err, "secret") == NULL);
}

/* A double would say that all of these are whole, or that none is. */
static void
test_a_number_is_an_integer_by_its_digits(void)
{
	static const struct {
		const char *text;
		bool	    whole, respelled;
		json_int_t  integer;
	} numbers[] = {
		{ "3", true, false, 3 },
		{ "-0", true, false, 0 },
		{ "9223372036854775807", true, false, INT64_MAX },
		{ "-9223372036854775808", true, false, INT64_MIN },
		{ "100.0", true, true, 100 },
		{ "1e2", true, true, 100 },
		{ "-2.50E1", true, true, -25 },
		{ "1.5e17", true, true, 150000000000000000 },
		{ "120e-1", true, true, 12 },
		{ "9223372036854775807.0", true, true, INT64_MAX },
		{ "-0.0", true, true, 0 },
		{ "0e-400", true, true, 0 },
		{ "0.00e99999999999999999999", true, true, 0 },
		{ "100000000000000000000e-20", true, true, 1 },
		{ "1.5", false, false, 0 },
		{ "1e-1", false, false, 0 },
		{ "1e-400", false, false, 0 },
		{ "-1e-99999999999999999999", false, false, 0 },
		{ "4.9999999999999999999", false, false, 0 },
		{ "4503599627370497.5", false, false, 0 },
		{ "9223372036854775807.5", false, false, 0 },
		{ "1e19", false, false, 0 }, /* no room */
		{ "9223372036854775808.0", false, false, 0 },
	};
	json_t *value;
	bool	respelled;
	size_t	i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		unit_case = numbers[i].text;
		value = json_parse_body(numbers[i].text,
		    strlen(numbers[i].text), &respelled, err, sizeof(err));
		CHECK(json_is_integer(value) == numbers[i].whole);
		CHECK(json_is_real(value) == !numbers[i].whole);
		CHECK(json_integer_value(value) == numbers[i].integer);
		CHECK(respelled == numbers[i].respelled);
		json_decref(value);
	}
	unit_case = "";
	CHECK(!accepts(TEXT("1e400")) && !accepts(TEXT("9223372036854775808")));
}

int
main(int argc, char **argv)
{
	(void)argc;
	RUN(test_every_kind_of_value_is_accepted);
	RUN(test_what_is_refused_is_named_with_its_place);
	RUN(test_depth_is_limited);
	RUN(test_values_and_digits_are_limited);
	RUN(test_escapes_and_characters_are_read);
	RUN(test_errors_do_not_repeat_the_body);
	RUN(test_a_number_is_an_integer_by_its_digits);
	return unit_end(argv[0]);
}
