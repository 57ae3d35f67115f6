/*
 * Unit test of cursor.c: a cursor is accepted only as it was given, for
 * the same operation and filters.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "base64url.h"
#include "cursor.h"
#include "unit.h"

#define CONTEXT "list_cases?status=open"

static const char *const row[] = { "2026-11-23T16:00:00.123456Z", "17" };
static struct arena	*arena;

static int
load(const char *secret, size_t len)
{
	char file[] = "/tmp/casework-unit-XXXXXX", err[256];
	int  fd = mkstemp(file), result;

	CHECK(write(fd, secret, len) == (ssize_t)len);
	close(fd);
	result = cursor_load(file, err, sizeof(err));
	unlink(file);
	return result;
}

static void
test_a_cursor_gives_its_keys_back(void)
{
	const char *const odd[] = { "", "a\"\\,\xc3\xa9", NULL, "-" };
	const char	 *keys[4], *cursor;

	cursor = cursor_encode(arena, CONTEXT, row, 2);
	CHECK(strspn(cursor,
		  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqr"
		  "stuvwxyz0123456789-_") == strlen(cursor));
	CHECK(cursor_decode(arena, CONTEXT, cursor, keys, 2) == 0);
	CHECK_STR(keys[0], row[0]);
	CHECK_STR(keys[1], row[1]);
	cursor = cursor_encode(arena, "", odd, 4);
	CHECK(cursor_decode(arena, "", cursor, keys, 4) == 0);
	CHECK_STR(keys[0], odd[0]);
	CHECK_STR(keys[1], odd[1]);
	CHECK_STR(keys[2], NULL);
	CHECK_STR(keys[3], odd[3]);
}

static void
test_a_place_is_always_the_same_cursor(void)
{
	const char *const next[] = { row[0], "18" };
	const char	 *cursor = cursor_encode(arena, CONTEXT, row, 2);

	CHECK_STR(cursor_encode(arena, CONTEXT, row, 2), cursor);
	CHECK(strcmp(cursor_encode(arena, CONTEXT, next, 2), cursor) != 0);
}

/* Neither the keys nor what two cursors have in common. */
static void
test_a_cursor_tells_no_key(void)
{
	const char *const next[] = { row[0], "18" };
	char		  one[256], other[256];
	size_t		  i, same = 0, len;
	const char	 *cursor;

	cursor = cursor_encode(arena, CONTEXT, row, 2);
	len = (size_t)base64url_decode(cursor, strlen(cursor), one);
	CHECK(memmem(one, len, row[0], 4) == NULL);
	cursor = cursor_encode(arena, CONTEXT, next, 2);
	CHECK((size_t)base64url_decode(cursor, strlen(cursor), other) == len);
	for (i = 1; i < len; i++)
		same += one[i] == other[i];
	CHECK(same < 8);
}

static void
test_a_cursor_of_other_filters_is_refused(void)
{
	const char *keys[2], *cursor;

	cursor = cursor_encode(arena, CONTEXT, row, 2);
	CHECK(cursor_decode(arena, "list_cases?status=closed", cursor, keys,
		  2) == -1);
	CHECK(cursor_decode(arena, "", cursor, keys, 2) == -1);
	CHECK(cursor_decode(arena, CONTEXT "x", cursor, keys, 2) == -1);
	CHECK(cursor_decode(arena, CONTEXT, cursor, keys, 1) == -1);
	CHECK(cursor_decode(arena, CONTEXT, cursor, keys, 3) == -1);
}

static void
test_every_altered_character_is_noticed(void)
{
	const char *keys[2], *cursor;
	char	   *copy;
	size_t	    i;

	cursor = cursor_encode(arena, CONTEXT, row, 2);
	for (i = 0; cursor[i] != '\0'; i++) {
		copy = arena_strdup(arena, cursor);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		CHECK(cursor_decode(arena, CONTEXT, copy, keys, 2) == -1);
		copy[i] = '\0';
		CHECK(cursor_decode(arena, CONTEXT, copy, keys, 2) == -1);
	}
	CHECK(cursor_decode(arena, CONTEXT, arena_printf(arena, "%sAA", cursor),
		  keys, 2) == -1);
	CHECK(cursor_decode(arena, CONTEXT, "", keys, 2) == -1);
	CHECK(cursor_decode(arena, CONTEXT, "17", keys, 2) == -1);
	CHECK(cursor_decode(arena, CONTEXT, "%00", keys, 2) == -1);
}

static void
test_another_secret_refuses_the_cursor(void)
{
	const char *keys[2], *cursor;

	cursor = cursor_encode(arena, CONTEXT, row, 2);
	CHECK(load("another secret of thirty-two bytes", 34) == 0);
	CHECK(cursor_decode(arena, CONTEXT, cursor, keys, 2) == -1);
}

static void
test_a_bad_secret_file_leaves_the_secret(void)
{
	const char *keys[2], *cursor;
	char	    err[256];

	cursor = cursor_encode(arena, CONTEXT, row, 2);
	CHECK(load("thirty-one bytes are not enough", 31) == -1);
	CHECK(cursor_load("/nonexistent/key", err, sizeof(err)) == -1);
	CHECK_HAS(err, "/nonexistent/key: ");
	CHECK(cursor_decode(arena, CONTEXT, cursor, keys, 2) == 0);
}

int
main(int argc, char **argv)
{
	(void)argc;
	arena = arena_new();
	load("a secret of at least thirty-two bytes", 37);
	RUN(test_a_cursor_gives_its_keys_back);
	RUN(test_a_place_is_always_the_same_cursor);
	RUN(test_a_cursor_tells_no_key);
	RUN(test_a_cursor_of_other_filters_is_refused);
	RUN(test_every_altered_character_is_noticed);
	RUN(test_another_secret_refuses_the_cursor);
	RUN(test_a_bad_secret_file_leaves_the_secret);
	arena_free(arena);
	return unit_end(argv[0]);
}
