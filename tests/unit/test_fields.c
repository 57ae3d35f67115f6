/*
 * Unit test of Content-Disposition and Repr-Digest, as requests bring them and
 * as answers carry them.
 */
#include <stdlib.h>

#include "fields.h"
#include "unit.h"
#include "uri.h"

#define HELLO "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:"
#define HELLO_HEX \
	"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"

static const struct {
	const char *value, *name; /* NULL: refused */
} dispositions[] = {
	{ "attachment; filename=a.txt", "a.txt" },
	{ "inline;filename=a.txt", "a.txt" },
	{ "x;\tFILENAME = \"a b\" ; x=y", "a b" },
	{ "attachment; filename=\"a\\\"b\"", "a\"b" },
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
	{ "attachment; filename*=UTF-8''%c2%a0", "\xc2\xa0" },
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

static const struct {
	const char *value, *hex; /* "": passed over; NULL: refused */
} digests[] = {
	{ HELLO, HELLO_HEX },
	{ " " HELLO " ", HELLO_HEX },
	{ "sha-512=:YQ==:", "" },
	{ "sha-512=:YQ==:," HELLO, HELLO_HEX },
	{ HELLO " ,md5=:YQ==:", HELLO_HEX },
	{ "", NULL },
	{ "sha-256", NULL },
	{ "sha-256=", NULL },
	{ "sha-256=:", NULL },
	{ "sha-256=::", NULL },
	{ HELLO ",", NULL },
	{ HELLO "x", NULL },
	{ HELLO " " HELLO, NULL },
	{ "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvze==:", NULL },
	{ "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvz ek=:", NULL },
	{ "sha-256=:uU0nuZNNPgilLlLX2n2r-sSE7_N6U4DukIj3rOLvzek=:", NULL },
	{ "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzekx:", NULL },
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
test_a_name_has_255_characters_at_most(void)
{
	struct arena *arena = arena_new();
	char	      value[1400] = "attachment; filename=\"";
	const char   *fault;
	size_t	      n = strlen(value), i;

	for (i = 0; i < FIELD_FILENAME_MAX; i++)
		n += (size_t)sprintf(value + n, "\xf0\x9f\x98\x80");
	strcpy(value + n, "\"");
	CHECK(field_filename(arena, value, &fault) != NULL);
	strcpy(value + n, "x\"");
	CHECK(field_filename(arena, value, &fault) == NULL);
	CHECK_HAS(fault, "255");
	arena_free(arena);
}

static void
test_a_name_that_would_turn_what_follows_is_told_so(void)
{
	struct arena *arena = arena_new();
	const char   *fault;

	CHECK(field_filename(arena,
		  "attachment; filename*=UTF-8''%E2%80%AEfdp.exe",
		  &fault) == NULL);
	CHECK_HAS(fault, "U+202E");
	CHECK(field_filename(arena, "attachment; filename*=UTF-8''%C2%85",
		  &fault) == NULL);
	CHECK_HAS(fault, "control");
	arena_free(arena);
}

static void
test_digests_are_read(void)
{
	struct arena *arena = arena_new();
	const char   *fault, *hex;
	size_t	      i;

	for (i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		unit_case = digests[i].value;
		hex = field_sha256(arena, digests[i].value, &fault);
		CHECK((digests[i].hex == NULL) == (fault != NULL));
		CHECK_STR(hex,
		    digests[i].hex == NULL || *digests[i].hex == '\0' ?
			NULL :
			digests[i].hex);
	}
	arena_free(arena);
}

static void
test_what_is_written_can_be_read(void)
{
	static const char *const   names[] = { "a", "a\"b\\c%d.txt", "\xc3\xa9",
		  "it's; filename=x" };
	static const unsigned char zero[FIELD_SHA256_BYTES];
	struct arena		  *arena = arena_new();
	const char		  *fault, *text;
	size_t			   i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		text = field_disposition(arena, names[i]);
		if (strchr(names[i], '\\') == NULL)
			CHECK_STR(field_filename(arena, text, &fault),
			    names[i]);
	}
	CHECK_STR(field_disposition(arena, "a\"\\\xc3\xa9\r\n"),
	    "attachment; filename=\"a_____\"; "
	    "filename*=UTF-8''a%22%5C%C3%A9%0D%0A");
	CHECK_STR(field_sha256(arena, field_repr_digest(arena, zero), &fault),
	    "00000000000000000000000000000000"
	    "00000000000000000000000000000000");
	arena_free(arena);
}

static void
test_fields_are_found_in_any_case(void)
{
	CHECK_STR(field_find("content-disposition")->parameter, "filename");
	CHECK_STR(field_find("REPR-DIGEST")->parameter, "sha256");
	CHECK(field_find("Content-Digest") == NULL);
}

int
main(void)
{
	RUN(test_names_are_read);
	RUN(test_a_name_has_255_characters_at_most);
	RUN(test_a_name_that_would_turn_what_follows_is_told_so);
	RUN(test_digests_are_read);
	RUN(test_what_is_written_can_be_read);
	RUN(test_fields_are_found_in_any_case);
	return unit_end("fields");
}
