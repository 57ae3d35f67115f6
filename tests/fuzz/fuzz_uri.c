/*
 * Fuzzes what is read of a request beside its body: path, query, and the lists
 * of entity-tags. What decodes must be UTF-8 that encodes back to itself.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "etag.h"
#include "uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena   *arena = arena_new();
	char	       *text = arena_strndup(arena, (const char *)data, size);
	const char     *segments[8], *query = text, *value, *again, *array;
	struct uri_pair pair;
	size_t		n;

	(void)uri_split_path(arena, text, segments, 8, &n);
	while (uri_next_pair(&query, &pair)) {
		value =
		    uri_decode(arena, pair.value, pair.value_len, URI_QUERY);
		if (value == NULL)
			continue;
		again = uri_encode(arena, value);
		again = uri_decode(arena, again, strlen(again), URI_QUERY);
		assert(strcmp(again, value) == 0);
		again = uri_encode_sent(arena, pair.value, pair.value_len);
		again = uri_decode(arena, again, strlen(again), URI_QUERY);
		assert(strcmp(again, value) == 0);
	}
	assert(etag_match_array(arena, text, &array) || array == NULL);
	assert(array == NULL ||
	    (array[0] == '{' &&
		strspn(array + 1, "0123456789,}") == strlen(array + 1)));
	(void)etag_matches(text, "\"7\"");
	arena_free(arena);
	return 0;
}
