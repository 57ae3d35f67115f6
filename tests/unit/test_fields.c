/*
 * Unit test of Content-Disposition, as requests bring it and as answers carry
 * it; which names are good is in test_filename.c.
 */
#include <stdlib.h>

#include "fields.h"
#include "unit.h"
#include "uri.h"

static const struct {
	const char *value, *name; /* NULL: refused */
} dispositions[] = {
	{ "attachment; filename=a.txt", "a.txt" },
	{ "inline;filename=a.txt", "a.txt" },
	{ "x;\tFILENAME = \"a b\" ; x=y", "a b" },
	{ "attachment; filename=\"a\\'b\"", "a'b" },
	{ "attachment; filename=\"a\\\"b\"", NULL },
	{ "attachment; filename=\"\\a\"", "a" },
	{ "attachment; filename=\"a;b=c\"", "a;b=c" },
	{ "attachment; filename*=UTF-8''%c3%a9", "\xc3\xa9" },
	{ "attachment; filename*=UTF-8'de'a'b", "a'b" },
	{ "attachment; filename*=utf-8''a+b", "a+b" },
	{ "attachment; filename*=UTF-8''a; filename=b", "a" },
	{ "attachment; filename=\"\xc3\xa9\"", "\xc3\xa9" },
	{ "", NULL },
	{ ";", NULL },
	{ "attachment", NULL },
	{ "attachment ", NULL },
	{ "attachment filename=a", NULL },
	{ "attachment;", NULL },
	{ "attachment; filename=a;", NULL },
	{ "attachment; filename=a; ;", NULL },
	{ "attachment; filename", NULL },
	{ "attachment; filename=", NULL },
	{ "attachment; filename=a b", NULL },
	{ "attachment; filename=\"a", NULL },
	{ "attachment; filename=\"a\\", NULL },
	{ "attachment; filename=\"a\\\"", NULL },
	{ "attachment; filename=\"a\"b", NULL },
	{ "attachment; filename=a; filename=a", NULL },
	{ "attachment; filename*=\"UTF-8''a\"", NULL },
	{ "attachment; filename*=UTF-8'a", NULL },
	{ "attachment; filename*=UTF-8a", NULL },
	{ "attachment; filename*=UTF-16''a", NULL },
	{ "attachment; filename*=UTF-8''", NULL },
	{ "attachment; filename*=UTF-8''%", NULL },
	{ "attachment; filename*=UTF-8''%4x", NULL },
	{ "attachment; filename*=UTF-8''%00a", NULL },
	{ "attachment; filename*=UTF-8''%0d%0aa", NULL },
	{ "attachment; filename*=UTF-8''%c2%80", NULL },
	{ "attachment; filename*=UTF-8''%c2%a0a",
	    "\xc2\xa0"
	    "a" },
	{ "attachment; filename*=UTF-8''%e2%80%8e", NULL },
	{ "attachment; filename*=UTF-8''%e2%81%a6", NULL },
	{ "attachment; filename*=UTF-8''%e2%80%93", "\xe2\x80\x93" },
	{ "attachment; filename*=UTF-8''%ed%a0%80", NULL },
	{ "attachment; filename=\"\xff\"", NULL },
	{ "attachment; filename=\"\"", NULL },
	{ "attachment; filename=\" . \"", NULL },
	{ "attachment; filename=\"/\"", NULL },
	{ "attachment; filename=\"a\\\\b\"", NULL },
};

static void
test_names_are_read(void)
{
	struct arena *arena = arena_new();
	const char   *fault, *name;
	size_t	      i;

	for (i = 0; i < sizeof(dispositions) / sizeof(dispositions[0]); i++) {
		unit_case = dispositions[i].value;
		name = field_filename(arena, dispositions[i].value, &fault);
		CHECK_STR(name, dispositions[i].name);
		CHECK((name == NULL) == (fault != NULL));
	}
	arena_free(arena);
}

static void
test_what_is_written_can_be_read(void)
{
	static const char *const names[] = { "a", "a'b%d.txt", "\xc3\xa9",
		"it's; filename=x" };
	struct arena		*arena = arena_new();
	const char		*fault, *text;
	size_t			 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		text = field_disposition(arena, names[i]);
		CHECK_STR(field_filename(arena, text, &fault), names[i]);
	}
	CHECK_STR(field_disposition(arena, "a\"\\\xc3\xa9\r\n"),
	    "attachment; filename=\"a_____\"; "
	    "filename*=UTF-8''a%22%5C%C3%A9%0D%0A");
	arena_free(arena);
}

static void
test_fields_are_found_in_any_case(void)
{
	CHECK_STR(field_find("content-disposition")->parameter, "filename");
	CHECK_STR(field_find("REPR-DIGEST")->parameter, "repr_digest");
	CHECK_STR(field_find("Content-Digest")->parameter, "content_digest");
	CHECK(field_find("Content-MD5") == NULL);
}

int
main(void)
{
	RUN(test_names_are_read);
	RUN(test_what_is_written_can_be_read);
	RUN(test_fields_are_found_in_any_case);
	return unit_end("fields");
}
