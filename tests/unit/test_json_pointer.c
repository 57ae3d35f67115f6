/*
 * Unit test of JSON Pointer: the examples of RFC 6901, section 5, and what is
 * none.
 */
#include "json_pointer.h"
#include "unit.h"

static const char document_text[] =
    "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,"
    "\"g|h\":4,\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8,\"~1\":9}";

static void
test_the_examples_of_the_standard(void)
{
	static const struct {
		const char *pointer;
		int	    value;
	} cases[] = {
		{ "/", 0 },
		{ "/a~1b", 1 },
		{ "/c%d", 2 },
		{ "/e^f", 3 },
		{ "/g|h", 4 },
		{ "/i\\j", 5 },
		{ "/k\"l", 6 },
		{ "/ ", 7 },
		{ "/m~0n", 8 },
		{ "/~01", 9 },
	};
	json_t *document = json_loads(document_text, 0, NULL);
	size_t	i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].pointer;
		CHECK(json_is_integer(json_pointer_get(document,
		    cases[i].pointer)));
		CHECK(json_integer_value(json_pointer_get(document,
			  cases[i].pointer)) == cases[i].value);
	}
	CHECK(json_pointer_get(document, "") == document);
	CHECK(json_is_array(json_pointer_get(document, "/foo")));
	CHECK_STR(json_string_value(json_pointer_get(document, "/foo/0")),
	    "bar");
	CHECK_STR(json_string_value(json_pointer_get(document, "/foo/1")),
	    "baz");
	json_decref(document);
}

static void
test_a_pointer_to_nothing(void)
{
	static const char *const pointers[] = { "foo", "#/foo", "/nothing",
		"/foo/2", "/foo/-", "/foo/-1", "/foo/01", "/foo/1x", "/foo/",
		"/foo/99999999999999999999", "/foo/0/1", "/a/b", "/foo/0/",
		"//" };
	json_t			*document = json_loads(document_text, 0, NULL);
	size_t			 i;

	for (i = 0; i < sizeof(pointers) / sizeof(pointers[0]); i++) {
		unit_case = pointers[i];
		CHECK(json_pointer_get(document, pointers[i]) == NULL);
	}
	CHECK(json_pointer_get(NULL, "") == NULL);
	json_decref(document);
}

static void
test_a_name_becomes_a_step(void)
{
	static const char *const names[][2] = { { "", "" }, { "foo", "foo" },
		{ "a/b", "a~1b" }, { "m~n", "m~0n" }, { "~1", "~01" },
		{ "//~~", "~1~1~0~0" } };
	char			 step[32];
	size_t			 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unit_case = names[i][0];
		*json_pointer_add(step, names[i][0], strlen(names[i][0])) =
		    '\0';
		CHECK_STR(step, names[i][1]);
	}
}

int
main(void)
{
	RUN(test_the_examples_of_the_standard);
	RUN(test_a_pointer_to_nothing);
	RUN(test_a_name_becomes_a_step);
	return unit_end("json_pointer");
}
