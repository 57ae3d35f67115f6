/*
 * Any bytes as a request body: a value that survives being written and read
 * again, or a sentence.
 */
#include "fuzz.h"
#include "json.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	err[256] = "", *text;
	json_t *value, *again;

	value = json_parse_strict((const char *)data, size, err, sizeof(err));
	if (value == NULL) {
		REQUIRE(err[0] != '\0' && strlen(err) < sizeof(err) - 1);
		return 0;
	}
	text = json_dumps(value, JSON_ENCODE_ANY);
	REQUIRE(text != NULL);
	again = json_parse_strict(text, strlen(text), err, sizeof(err));
	REQUIRE(again != NULL && json_equal(value, again));
	json_decref(again);
	json_decref(value);
	free(text);
	return 0;
}
