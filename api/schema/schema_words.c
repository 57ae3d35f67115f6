/*
 * Parts of the sentences that name a fault.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "schema_internal.h"

const struct schema_type schema_types[SCHEMA_TYPES] = {
	{ "null", "null", TYPE_NULL },
	{ "boolean", "true or false", TYPE_BOOLEAN },
	{ "integer", "an integer", TYPE_INTEGER },
	{ "number", "a number", TYPE_NUMBER },
	{ "string", "a string", TYPE_STRING },
	{ "array", "an array", TYPE_ARRAY },
	{ "object", "an object", TYPE_OBJECT },
};

const char *
schema_json_text(struct arena *arena, const json_t *value)
{
	const char *text;
	char	   *dump;

	dump = json_dumps(value,
	    JSON_ENCODE_ANY | JSON_COMPACT | JSON_REAL_PRECISION(15));
	assert(dump != NULL);
	text = arena_strdup(arena, dump);
	free(dump);
	return text;
}

const char *
schema_choices(struct arena *arena, const json_t *list)
{
	const char *text = "";
	size_t	    i;

	for (i = 0; i < json_array_size(list); i++)
		text = arena_printf(arena, "%s%s%s", text, i == 0 ? "" : ", ",
		    schema_json_text(arena, json_array_get(list, i)));
	return text;
}

const char *
schema_nouns(struct arena *arena, unsigned types)
{
	const char *text = "";
	size_t	    i;

	/* From the end: null is said last. */
	for (i = SCHEMA_TYPES; i-- > 0;) {
		if (types & schema_types[i].bit)
			text = arena_printf(arena, "%s%s%s", text,
			    *text == '\0' ? "" : " or ", schema_types[i].noun);
	}
	return text;
}

const char *
schema_plural(size_t count)
{
	return count == 1 ? "" : "s";
}
