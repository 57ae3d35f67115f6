/*
 * Fuzzes Content-Disposition and Repr-Digest: whatever is accepted is a name
 * that cannot leave its header line or its directory, and reads the same after
 * it was written.
 */
#include "fields.h"
#include "fuzz.h"
#include "uri.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	char	     *value = fuzz_text(data, size);
	const char   *name, *fault, *text, *p;

	name = field_filename(arena, value, &fault);
	REQUIRE((name == NULL) == (fault != NULL));
	if (name != NULL) {
		REQUIRE(*name != '\0' && uri_is_text(name));
		REQUIRE(strpbrk(name, "/\\\r\n") == NULL);
		REQUIRE(strcmp(name, "..") != 0);
		text = field_disposition(arena, name);
		for (p = text; *p != '\0'; p++)
			REQUIRE(*p >= 0x20 && *p < 0x7f);
		REQUIRE(strcmp(field_filename(arena, text, &fault), name) == 0);
	}

	text = field_sha256(arena, value, &fault);
	REQUIRE(text == NULL || fault == NULL);
	REQUIRE(text == NULL || strlen(text) == 2 * FIELD_SHA256_BYTES);
	free(value);
	arena_free(arena);
	return 0;
}
