/*
 * Comparing values.
 */
#include <stdlib.h>

#include "schema_internal.h"

#define INTEGER_END 9223372036854775808.0 /* the first that is too large */

static int compare_mixed(json_int_t, double);

unsigned
schema_type_bits(const json_t *value)
{
	static const unsigned bits[] = {
		[JSON_OBJECT] = TYPE_OBJECT,
		[JSON_ARRAY] = TYPE_ARRAY,
		[JSON_STRING] = TYPE_STRING,
		[JSON_INTEGER] = TYPE_INTEGER | TYPE_NUMBER,
		/* 1.0 is an integer: json_parse_strict() */
		[JSON_REAL] = TYPE_NUMBER,
		[JSON_TRUE] = TYPE_BOOLEAN,
		[JSON_FALSE] = TYPE_BOOLEAN,
		[JSON_NULL] = TYPE_NULL,
	};

	return bits[json_typeof(value)];
}

int
schema_compare(const json_t *a, const json_t *b)
{
	json_int_t i = json_integer_value(a), j = json_integer_value(b);
	double	   x = json_real_value(a), y = json_real_value(b);

	if (json_is_integer(a) && json_is_integer(b))
		return (i > j) - (i < j);
	if (json_is_integer(a))
		return compare_mixed(i, y);
	if (json_is_integer(b))
		return -compare_mixed(j, x);
	return (x > y) - (x < y);
}

/* Exact, where a double has no room for the integer. */
static int
compare_mixed(json_int_t i, double x)
{
	json_int_t whole;

	if (x >= INTEGER_END || x < -INTEGER_END)
		return x < 0 ? 1 : -1;
	whole = (json_int_t)x;
	if (i != whole)
		return i < whole ? -1 : 1;
	return (x < (double)whole) - (x > (double)whole);
}

bool
schema_listed(const json_t *list, const json_t *value)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		if (json_equal(json_array_get(list, i), value))
			return true;
	}
	return false;
}

size_t
schema_first_equal(json_t *seen, const json_t *array, size_t at)
{
	json_t	     *item = json_array_get(array, at);
	const json_t *first;
	char	     *text;
	size_t	      i;

	if (seen == NULL) {
		for (i = 0; !json_equal(json_array_get(array, i), item); i++)
			;
		return i;
	}
	text =
	    json_dumps(item, JSON_ENCODE_ANY | JSON_COMPACT | JSON_SORT_KEYS);
	if (text == NULL)
		abort();
	first = json_object_get(seen, text);
	if (first == NULL &&
	    json_object_set_new(seen, text, json_integer((json_int_t)at)) == -1)
		abort();
	free(text);
	return first == NULL ? at : (size_t)json_integer_value(first);
}
