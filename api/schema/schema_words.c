/*
 * The sentences that name a fault, and parts of them.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "schema_internal.h"

static const char *about(struct arena *, const char *, const json_t *);
static const char *size(struct arena *, const char *, size_t, const char *);
static const char *choices(struct arena *, const json_t *);

const char *const schema_rules[SCHEMA_RULES] = {
	[RULE_TYPE] = "type",
	[RULE_ENUM] = "enum",
	[RULE_CONST] = "const",
	[RULE_MIN_LENGTH] = "minLength",
	[RULE_MAX_LENGTH] = "maxLength",
	[RULE_PATTERN] = "pattern",
	[RULE_MINIMUM] = "minimum",
	[RULE_MAXIMUM] = "maximum",
	[RULE_EXCLUSIVE_MINIMUM] = "exclusiveMinimum",
	[RULE_EXCLUSIVE_MAXIMUM] = "exclusiveMaximum",
	[RULE_MIN_ITEMS] = "minItems",
	[RULE_MAX_ITEMS] = "maxItems",
	[RULE_MIN_PROPERTIES] = "minProperties",
};

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

/* Once, at start-up: a hostile value finds many faults in one schema. */
void
schema_word(struct schema *s)
{
	struct arena *arena = s->arena;
	const char  **says = s->sentence;

	if (s->types != 0)
		says[RULE_TYPE] = arena_printf(arena, "Must be %s.",
		    schema_nouns(arena, s->types));
	if (s->enumeration != NULL)
		says[RULE_ENUM] = arena_printf(arena, "Must be one of %s.",
		    choices(arena, s->enumeration));
	if (s->pattern != NULL)
		says[RULE_PATTERN] = s->pattern_says != NULL ?
		    s->pattern_says :
		    "Must be written as the document says.";
	says[RULE_CONST] = about(arena, "", s->constant);
	says[RULE_MINIMUM] = about(arena, "at least ", s->minimum);
	says[RULE_MAXIMUM] = about(arena, "at most ", s->maximum);
	says[RULE_EXCLUSIVE_MINIMUM] =
	    about(arena, "more than ", s->exclusive_minimum);
	says[RULE_EXCLUSIVE_MAXIMUM] =
	    about(arena, "less than ", s->exclusive_maximum);
	says[RULE_MIN_LENGTH] =
	    size(arena, "least", s->min_length, "character");
	says[RULE_MAX_LENGTH] = size(arena, "most", s->max_length, "character");
	says[RULE_MIN_ITEMS] = size(arena, "least", s->min_items, "item");
	says[RULE_MAX_ITEMS] = size(arena, "most", s->max_items, "item");
	says[RULE_MIN_PROPERTIES] =
	    size(arena, "least", s->min_properties, "member");
}

static const char *
about(struct arena *arena, const char *must, const json_t *value)
{
	return value == NULL ? NULL :
			       arena_printf(arena, "Must be %s%s.", must,
				   schema_json_text(arena, value));
}

static const char *
size(struct arena *arena, const char *limit, size_t count, const char *what)
{
	return count == 0 || count == SIZE_MAX ?
	    NULL :
	    arena_printf(arena, "Must have at %s %zu %s%s.", limit, count, what,
		count == 1 ? "" : "s");
}

static const char *
choices(struct arena *arena, const json_t *list)
{
	struct builder text = { .arena = arena };
	size_t	       i;

	for (i = 0; i < json_array_size(list); i++) {
		builder_add(&text, i == 0 ? "" : ", ");
		builder_add(&text,
		    schema_json_text(arena, json_array_get(list, i)));
	}
	return builder_text(&text);
}

const char *
schema_nouns(struct arena *arena, unsigned types)
{
	struct builder text = { .arena = arena };
	size_t	       i;

	/* From the end: null is said last. */
	for (i = SCHEMA_TYPES; i-- > 0;) {
		if (!(types & schema_types[i].bit))
			continue;
		builder_add(&text, text.len == 0 ? "" : " or ");
		builder_add(&text, schema_types[i].noun);
	}
	return builder_text(&text);
}
