/*
 * Any text as a cursor is refused, for nobody guesses a tag; any keys and
 * context come back as they went in.
 */
#include "arena.h"
#include "cursor.h"
#include "fuzz.h"

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char err[256];

	(void)argc;
	(void)argv;
	REQUIRE(cursor_load(fuzz_file("a secret of at least thirty-two bytes"),
		    err, sizeof(err)) == 0);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char	     *text = fuzz_text(data, size);
	const char   *keys[CURSOR_KEYS_MAX], *cursor;
	size_t	      half = strlen(text) / 2, n = size % 4 + 1, i;

	REQUIRE(cursor_decode(arena, "", text, keys, n) == -1);
	for (i = 0; i < n; i++)
		keys[i] = i % 2 == 0 ? text : text + half;
	cursor = cursor_encode(arena, text + half, keys, n);
	memset(keys, 0, sizeof(keys));
	REQUIRE(cursor_decode(arena, text + half, cursor, keys, n) == 0);
	for (i = 0; i < n; i++)
		REQUIRE(strcmp(keys[i], i % 2 == 0 ? text : text + half) == 0);
	REQUIRE(cursor_decode(arena, "other", cursor, keys, n) ==
	    (strcmp(text + half, "other") == 0 ? 0 : -1));
	free(text);
	arena_free(arena);
	return 0;
}
