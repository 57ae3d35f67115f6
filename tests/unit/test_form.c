/*
 * Unit test of form.c, and of form values read by a schema.
 */
#include "form.h"
#include "schema.h"
#include "unit.h"

static struct arena *arena;
static char	     err[200];

static json_t *
parse(const char *text)
{
	return form_parse(arena, text, strlen(text), err, sizeof(err));
}

static void
test_fields_become_members(void)
{
	json_t *form = parse("a=1&b=x+y%26%0D%0Az&c=&%C3%A9=%C3%A9");

	CHECK(json_object_size(form) == 4);
	CHECK_STR(json_string_value(json_object_get(form, "a")), "1");
	CHECK_STR(json_string_value(json_object_get(form, "b")), "x y&\nz");
	CHECK_STR(json_string_value(json_object_get(form, "c")), "");
	CHECK_STR(json_string_value(json_object_get(form, "\xc3\xa9")),
	    "\xc3\xa9");
	json_decref(form);
	form = parse("");
	CHECK(json_object_size(form) == 0);
	json_decref(form);
}

static void
test_what_no_browser_sends_is_refused(void)
{
	static const struct {
		const char *text, *sentence;
	} bad[] = {
		{ "a=1&a=2", "A field is given twice (byte 4)." },
		{ "a=1&%61=2", "A field is given twice (byte 4)." },
		{ "a", "A field has no = (byte 0)." },
		{ "a=1&", "A field has no = (byte 4)." },
		{ "a=1&&b=2", "A field has no = (byte 4)." },
		{ "=1", "A field has no name (byte 0)." },
		{ "a=b c",
		    "A form is printable ASCII without spaces (byte "
		    "3)." },
		{ "a=\xc3\xa9",
		    "A form is printable ASCII without spaces "
		    "(byte 2)." },
		{ "a=1\n",
		    "A form is printable ASCII without spaces (byte "
		    "3)." },
		{ "a=%",
		    "A field is not percent-encoded UTF-8 text (byte "
		    "0)." },
		{ "a=%00",
		    "A field is not percent-encoded UTF-8 text (byte "
		    "0)." },
		{ "a=%1b",
		    "A field is not percent-encoded UTF-8 text (byte "
		    "0)." },
		{ "a=%ff",
		    "A field is not percent-encoded UTF-8 text (byte "
		    "0)." },
		{ "a=%ed%a0%80",
		    "A field is not percent-encoded UTF-8 text "
		    "(byte 0)." },
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unit_case = bad[i].text;
		CHECK(parse(bad[i].text) == NULL);
		CHECK_STR(err, bad[i].sentence);
	}
	unit_case = "";
	CHECK(form_parse(arena, "a=\0", 3, err, sizeof(err)) == NULL);
}

static void
test_a_form_has_a_bounded_number_of_fields(void)
{
	const char *text = "f=";
	int	    i;

	for (i = 1; i < FORM_FIELDS_MAX; i++)
		text = arena_printf(arena, "%s&f%d=", text, i);
	json_decref(parse(text));
	CHECK(parse(arena_printf(arena, "%s&g=", text)) == NULL);
	CHECK_HAS(err, "too many");
}

static void
test_a_line_ends_once(void)
{
	json_t *form = parse("a=1%0D%0A2%0A3%0D4%0B5%0C6%0D%0D%0A");

	CHECK_STR(json_string_value(json_object_get(form, "a")),
	    "1\n2\n3\n4\n5\n6\n\n");
	json_decref(form);
}

/* A page is shown again with all that can be shown. */
static void
test_what_was_entered_in_a_bad_form_is_kept(void)
{
	static const struct {
		const char *text, *a, *b, *wrong;
	} forms[] = {
		{ "a=1%1b%0B2&b=x", "1\ufffd\n2", "x", "a" },
		{ "b=%00&a=%ff%c3%a9%c3", "\ufffd\u00e9\ufffd", "\ufffd", "b" },
		{ "a=1%&b=%zz+%4", "1%", "%zz %4", NULL },
		{ "a=1&a=2&&c&b=3", "1", "3", NULL },
		{ "a=1&b", "1", NULL, NULL },
		{ "a=\xc3\xa9 b&b==", "\u00e9 b", "=", NULL },
		{ "", NULL, NULL, NULL },
	};
	const char *wrong;
	json_t	   *form;
	size_t	    i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		unit_case = forms[i].text;
		form = form_entered(arena, forms[i].text, strlen(forms[i].text),
		    &wrong);
		CHECK_STR(json_string_value(json_object_get(form, "a")),
		    forms[i].a);
		CHECK_STR(json_string_value(json_object_get(form, "b")),
		    forms[i].b);
		CHECK_STR(wrong, forms[i].wrong);
		json_decref(form);
	}
	unit_case = "";
}

static void
test_parts_become_members(void)
{
#define PART "Content-Disposition: form-data; name="
	static const struct {
		const char *text, *wanted;
	} forms[] = {
		{ "--b\r\n" PART "\"a\"\r\n\r\n1\r\n2\r\n--b--", "1\n2" },
		{ "--b\r\nContent-Type: text/plain\r\n" PART
		  "\"a\"\r\n\r\n\r\n--b--\r\n",
		    "" },
		{ "--b--", NULL },
		{ "", NULL },
		{ "--b", NULL },
		{ "--b\r\n--b--", NULL },
		{ "x--b\r\n" PART "\"a\"\r\n\r\n1\r\n--b--", NULL },
		{ "--b\r\n" PART "\"a\"\r\n\r\n1\r\n--b--x", NULL },
		{ "--b\r\n" PART "\"a\"\r\n\r\n1\r\n--c--", NULL },
		{ "--b\r\n" PART "\"a\"\r\n1\r\n--b--", NULL },
		{ "--b\r\n" PART "\"\"\r\n\r\n1\r\n--b--", NULL },
		{ "--b\r\n" PART "\"a\"; filename=\"f\"\r\n\r\n1\r\n--b--",
		    NULL },
		{ "--b\r\n" PART "\"a\"\r\n\r\n\xff\r\n--b--", NULL },
		{ "--b\r\n" PART "\"a\"\r\n\r\n1\r\n--b\r\n" PART
		  "\"a\"\r\n\r\n2\r\n--b--",
		    NULL },
	};
	const char *got;
	json_t	   *form;
	size_t	    i;

	for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		unit_case = forms[i].text;
		form = form_parse_multipart(arena, "b", forms[i].text,
		    strlen(forms[i].text), err, sizeof(err));
		got = json_string_value(json_object_get(form, "a"));
		if (forms[i].wanted != NULL)
			CHECK_STR(got, forms[i].wanted);
		else
			CHECK(got == NULL);
		json_decref(form);
	}
	unit_case = "";
	CHECK_STR(form_boundary(arena, "multipart/form-data; Boundary=\"a'b\""),
	    "a'b");
	CHECK_STR(form_boundary(arena, "multipart/form-data; boundary=x; y=z"),
	    "x");
	CHECK_STR(form_boundary(arena,
		      "multipart/form-data; x=\"boundary=y\"; boundary=z"),
	    "z");
	CHECK(form_boundary(arena, "multipart/form-data; xboundary=y") == NULL);
	CHECK(form_boundary(arena,
		  "multipart/form-data; boundary=x; boundary=x") == NULL);
	CHECK(form_boundary(arena, "multipart/form-data; boundary=x y") ==
	    NULL);
	CHECK(form_boundary(arena, "multipart/form-data; boundary=x; y=") ==
	    NULL);
	CHECK(form_boundary(arena, "multipart/form-data") == NULL);
	CHECK(form_boundary(arena, "multipart/form-data; boundary=") == NULL);
}

/* The schema says what a text is; what it cannot be stays text. */
static void
test_values_are_read_by_the_schema(void)
{
	json_t *root = json_loads("{\"type\": \"object\", \"properties\": {"
				  "\"n\": {\"type\": \"integer\"},"
				  "\"t\": {\"type\": \"string\"},"
				  "\"b\": {\"type\": \"boolean\"},"
				  "\"x\": {\"type\": \"integer\"},"
				  "\"e\": {\"type\": \"integer\"}}}",
	    0, NULL);
	const struct schema *schema =
	    schema_compile(root, root, "", err, sizeof(err));
	json_t *form = parse("n=5&t=5&b=true&x=5.0&e=&other=");

	schema_read_form(schema, form);
	CHECK(json_integer_value(json_object_get(form, "n")) == 5);
	CHECK_STR(json_string_value(json_object_get(form, "t")), "5");
	CHECK(json_is_true(json_object_get(form, "b")));
	CHECK_STR(json_string_value(json_object_get(form, "x")), "5.0");
	CHECK(json_object_size(form) == 4);
	json_decref(form);
}

/* White space is nothing, where nothing is allowed. */
static void
test_a_blank_field_is_absent_if_it_may_be(void)
{
	json_t *root = json_loads("{\"type\": \"object\", \"required\": "
				  "[\"r\"], \"properties\": {"
				  "\"r\": {\"type\": \"string\"},"
				  "\"o\": {\"type\": \"string\"},"
				  "\"p\": {\"type\": \"string\"}}}",
	    0, NULL);
	const struct schema *schema =
	    schema_compile(root, root, "", err, sizeof(err));
	json_t *form = parse("r=+&o=%E2%80%8B%0D%0A&p=+x");

	schema_read_form(schema, form);
	CHECK_STR(json_string_value(json_object_get(form, "r")), " ");
	CHECK(json_object_get(form, "o") == NULL);
	CHECK_STR(json_string_value(json_object_get(form, "p")), " x");
	json_decref(form);
}

int
main(void)
{
	arena = arena_new();
	RUN(test_fields_become_members);
	RUN(test_what_no_browser_sends_is_refused);
	RUN(test_a_form_has_a_bounded_number_of_fields);
	RUN(test_a_line_ends_once);
	RUN(test_what_was_entered_in_a_bad_form_is_kept);
	RUN(test_parts_become_members);
	RUN(test_values_are_read_by_the_schema);
	RUN(test_a_blank_field_is_absent_if_it_may_be);
	arena_free(arena);
	return unit_end("form");
}
