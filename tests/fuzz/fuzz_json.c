/*
 * Any bytes as a request body: a value that survives being written and read
 * again, or a sentence. jansson's own reader, which takes more, reads the same.
 */
#include <float.h>
#include <math.h>

#include "fuzz.h"
#include "json.h"

/*
 * jansson reads 1e2 as a real, and so is none of its integers; 1e-400 is zero
 * to it. What is not whole by its 20th digit is written as if it were.
 */
static bool
same(const json_t *a, const json_t *b)
{
	const char *name;
	json_t	   *item;
	size_t	    i;

	if (json_is_number(a) && json_is_number(b))
		return fabs(json_number_value(a) - json_number_value(b)) <=
		    DBL_TRUE_MIN;
	if (json_typeof(a) != json_typeof(b) ||
	    json_object_size(a) != json_object_size(b) ||
	    json_array_size(a) != json_array_size(b))
		return false;
	json_array_foreach (a, i, item)
		if (!same(item, json_array_get(b, i)))
			return false;
	json_object_foreach ((json_t *)(uintptr_t)a, name, item)
		if (json_object_get(b, name) == NULL ||
		    !same(item, json_object_get(b, name)))
			return false;
	return json_is_array(a) || json_is_object(a) || json_equal(a, b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char	err[256] = "", *text;
	json_t *value, *again, *other;
	bool	respelled;

	value = json_parse_body((const char *)data, size, &respelled, err,
	    sizeof(err));
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
	REQUIRE(same(value, other));
	text = json_dumps(value, JSON_ENCODE_ANY);
	REQUIRE(text != NULL);
	again =
	    json_parse_body(text, strlen(text), &respelled, err, sizeof(err));
	REQUIRE(again != NULL && same(value, again));
	json_decref(again);
	json_decref(other);
	json_decref(value);
	free(text);
	return 0;
}
