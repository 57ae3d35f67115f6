/*
 * Any bytes as a request body: a value that survives being written and read
 * again, or a sentence. jansson's own reader, which takes more, reads the same.
 */
#include "fuzz.h"
#include "json.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	err[256] = "", *text;
	json_t *value, *again, *other;

	value = json_parse_body((const char *)data, size, err, sizeof(err));
	other = json_loadb((const char *)data, size,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (value == NULL) {
		REQUIRE(err[0] != '\0' && strlen(err) < sizeof(err) - 1);
		REQUIRE(other == NULL || strstr(err, "levels deep") != NULL ||
		    strstr(err, "128 characters") != NULL ||
		    strstr(err, "1200 values") != NULL ||
		    strstr(err, "NUL byte") != NULL);
		json_decref(other);
		return 0;
	}
	REQUIRE(json_equal(value, other));
	text = json_dumps(value, JSON_ENCODE_ANY);
	REQUIRE(text != NULL);
	again = json_parse_body(text, strlen(text), err, sizeof(err));
	REQUIRE(again != NULL && json_equal(value, again));
	json_decref(again);
	json_decref(other);
	json_decref(value);
	free(text);
	return 0;
}
