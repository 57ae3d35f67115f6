/*
 * Any header as an Idempotency-Key: refused, or a key that means itself when it
 * is quoted again.
 */
#include "arena.h"
#include "fuzz.h"
#include "idempotency.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char	     *text = fuzz_text(data, size), *quoted, *p;
	const char   *fault, *again;
	const char   *key = idempotency_key(arena, text, &fault);

	REQUIRE((key == NULL) == (fault != NULL));

	if (key != NULL) {
		p = quoted = arena_alloc(arena, 2 * strlen(key) + 3);
		*p++ = '"';
		for (again = key; *again != '\0'; again++) {
			if (*again == '"' || *again == '\\')
				*p++ = '\\';
			*p++ = *again;
		}
		memcpy(p, "\"", 2);
		again = idempotency_key(arena, quoted, &fault);
		REQUIRE(again != NULL && strcmp(again, key) == 0);
	}
	free(text);
	arena_free(arena);
	return 0;
}
