/*
 * The keywords of JSON Schema 2020-12 that our document may use, a row each.
 * A keyword without a row is an error of the document, as is one that could
 * never apply because the schema's type is another.
 */
#include <stddef.h>
#include <string.h>

#include "json_pointer.h"
#include "schema_compile.h"

typedef int keyword_fn(struct compiler *, struct schema *, const char *name,
    const json_t *value, void *field);

static keyword_fn compile_type, compile_enum, compile_value;
static keyword_fn compile_size, compile_flag, compile_number;
static keyword_fn compile_pattern, compile_says, compile_format;
static keyword_fn compile_properties;
static keyword_fn compile_required, compile_additional, compile_child;
static keyword_fn compile_ref, compile_group;
static void	  release_pattern(void *);

#define FIELD(name) offsetof(struct schema, name)
#define NUMERIC	    (TYPE_INTEGER | TYPE_NUMBER)

/* In this order, whatever the order in the document. */
static const struct keyword {
	const char *name;
	keyword_fn *compile; /* NULL: an annotation */
	unsigned    types;   /* applies to these; 0 = any */
	size_t	    field;
} keywords[] = {
	{ "type", compile_type, 0, 0 },
	{ "enum", compile_enum, 0, 0 },
	{ "const", compile_value, 0, FIELD(constant) },
	{ "default", compile_value, 0, FIELD(default_value) },
	{ "minLength", compile_size, TYPE_STRING, FIELD(min_length) },
	{ "maxLength", compile_size, TYPE_STRING, FIELD(max_length) },
	{ "format", compile_format, TYPE_STRING, 0 },
	{ "x-says", compile_says, TYPE_STRING, 0 },
	{ "pattern", compile_pattern, TYPE_STRING, 0 },
	{ "minimum", compile_number, NUMERIC, FIELD(minimum) },
	{ "maximum", compile_number, NUMERIC, FIELD(maximum) },
	{ "exclusiveMinimum", compile_number, NUMERIC,
	    FIELD(exclusive_minimum) },
	{ "exclusiveMaximum", compile_number, NUMERIC,
	    FIELD(exclusive_maximum) },
	{ "minItems", compile_size, TYPE_ARRAY, FIELD(min_items) },
	{ "maxItems", compile_size, TYPE_ARRAY, FIELD(max_items) },
	{ "uniqueItems", compile_flag, TYPE_ARRAY, FIELD(unique_items) },
	{ "items", compile_child, TYPE_ARRAY, FIELD(items) },
	{ "properties", compile_properties, TYPE_OBJECT, 0 },
	{ "additionalProperties", compile_additional, TYPE_OBJECT, 0 },
	{ "required", compile_required, TYPE_OBJECT, 0 },
	{ "minProperties", compile_size, TYPE_OBJECT, FIELD(min_properties) },
	{ "$ref", compile_ref, 0, FIELD(ref) },
	{ "allOf", compile_group, 0, FIELD(all_of) },
	{ "anyOf", compile_group, 0, FIELD(any_of) },
	{ "oneOf", compile_group, 0, FIELD(one_of) },
	{ "title", NULL, 0, 0 },
	{ "description", NULL, 0, 0 },
	{ "example", NULL, 0, 0 },
	{ "examples", NULL, 0, 0 },
	{ "deprecated", NULL, 0, 0 },
	{ "readOnly", NULL, 0, 0 },
	{ "contentMediaType", NULL, 0, 0 },
	{ "contentSchema", NULL, 0, 0 },
	{ "$comment", NULL, 0, 0 },
};
#define KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

int
schema_compile_keywords(struct compiler *c, struct schema *s)
{
	const struct keyword *k;
	const char	     *name;
	json_t		     *value;

	json_object_foreach (schema_iterable(s->node), name, value) {
		for (k = keywords; k < keywords + KEYWORDS; k++) {
			if (strcmp(k->name, name) == 0)
				break;
		}
		if (k == keywords + KEYWORDS)
			return schema_refuse(c, s, "unknown keyword \"%s\"",
			    name);
	}
	for (k = keywords; k < keywords + KEYWORDS; k++) {
		value = json_object_get(s->node, k->name);
		if (value == NULL || k->compile == NULL)
			continue;
		if (k->types != 0 && s->types != 0 &&
		    (k->types & s->types) == 0)
			return schema_refuse(c, s,
			    "%s does not apply to this type", k->name);
		if (k->compile(c, s, k->name, value, (char *)s + k->field) ==
		    -1)
			return -1;
	}
	return 0;
}

static int
compile_type(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	size_t	    i, j, count;
	const char *text;

	(void)field;
	count = json_is_array(value) ? json_array_size(value) : 1;
	for (i = 0; i < count; i++) {
		text = json_string_value(json_is_array(value) ?
			json_array_get(value, i) :
			value);
		for (j = 0; j < SCHEMA_TYPES && text != NULL; j++) {
			if (strcmp(schema_types[j].name, text) == 0)
				break;
		}
		if (text == NULL || j == SCHEMA_TYPES)
			return schema_refuse(c, s, "%s: not a type", name);
		s->types |= schema_types[j].bit;
	}
	return s->types != 0 ? 0 : schema_refuse(c, s, "%s: no type", name);
}

static int
compile_enum(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	(void)field;
	if (json_array_size(value) == 0)
		return schema_refuse(c, s, "%s must be an array of values",
		    name);
	s->enumeration = value;
	return 0;
}

static int
compile_value(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	(void)c;
	(void)s;
	(void)name;
	*(const json_t **)field = value;
	return 0;
}

static int
compile_size(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return schema_refuse(c, s, "%s must be an integer from 0",
		    name);
	*(size_t *)field = (size_t)json_integer_value(value);
	return 0;
}

static int
compile_flag(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	if (!json_is_boolean(value))
		return schema_refuse(c, s, "%s must be true or false", name);
	*(bool *)field = json_is_true(value);
	return 0;
}

static int
compile_number(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	if (!json_is_number(value))
		return schema_refuse(c, s, "%s must be a number", name);
	*(const json_t **)field = value;
	return 0;
}

static int
compile_pattern(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	const char *text = json_string_value(value), *fault;
	regex_t	   *pattern;
	char	    detail[128];
	int	    error;

	(void)field;
	if (text == NULL)
		return schema_refuse(c, s, "%s must be a string", name);
	/* Written for readers, in a language of which we know a part. */
	if (s->format != NULL && s->format->text_fault != NULL &&
	    s->pattern_says == NULL)
		return 0;
	if ((fault = schema_pattern_fault(text)) != NULL)
		return schema_refuse(c, s, "%s \"%s\": %s", name, text, fault);
	pattern = arena_alloc(c->arena, sizeof(*pattern));
	error = regcomp(pattern, text, REG_EXTENDED | REG_NOSUB);
	if (error != 0) {
		regerror(error, pattern, detail, sizeof(detail));
		return schema_refuse(c, s, "%s \"%s\": %s", name, text, detail);
	}
	arena_defer(c->arena, release_pattern, pattern);
	s->pattern = pattern;
	s->pattern_text = text;
	return 0;
}

/* What is said of a text that the pattern does not match. */
static int
compile_says(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	(void)field;
	s->pattern_says = json_string_value(value);
	if (s->pattern_says == NULL ||
	    json_object_get(s->node, "pattern") == NULL)
		return schema_refuse(c, s, "%s is a sentence about a pattern",
		    name);
	return 0;
}

static int
compile_format(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	(void)field;
	if (!json_is_string(value))
		return schema_refuse(c, s, "%s must be a string", name);
	s->format = schema_format_find(json_string_value(value));
	return s->format != NULL ? 0 :
				   schema_refuse(c, s, "unknown %s \"%s\"",
				       name, json_string_value(value));
}

static int
compile_properties(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	struct schema_property *property;
	const char	       *member;
	json_t		       *node;

	(void)field;
	if (!json_is_object(value))
		return schema_refuse(c, s, "%s must be an object", name);
	s->properties = arena_alloc(c->arena,
	    json_object_size(value) * sizeof(*s->properties));
	json_object_foreach (schema_iterable(value), member, node) {
		property = &s->properties[s->nproperties++];
		property->name = member;
		property->schema = schema_compile_node(c, node,
		    arena_printf(c->arena, "%s/%s/%s", s->where, name, member));
		if (property->schema == NULL)
			return -1;
	}
	return 0;
}

static int
compile_additional(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	(void)field;
	s->closed = json_is_false(value);
	if (json_is_boolean(value))
		return 0;
	return compile_child(c, s, name, value, &s->additional);
}

/* Marks the properties; a name without a property gets an entry of its own. */
static int
compile_required(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	struct schema_property *grown;
	const char	       *member;
	size_t			i, at;

	(void)field;
	if (!json_is_array(value))
		return schema_refuse(c, s, "%s must be an array of names",
		    name);
	grown = arena_alloc(c->arena,
	    (s->nproperties + json_array_size(value)) * sizeof(*grown));
	if (s->nproperties != 0)
		memcpy(grown, s->properties, s->nproperties * sizeof(*grown));
	s->properties = grown;
	for (i = 0; i < json_array_size(value); i++) {
		member = json_string_value(json_array_get(value, i));
		if (member == NULL)
			return schema_refuse(c, s,
			    "%s must be an array of names", name);
		if ((at = schema_property_index(s, member)) == s->nproperties) {
			if (s->closed)
				return schema_refuse(c, s,
				    "%s: \"%s\" is not "
				    "among the properties",
				    name, member);
			s->properties[s->nproperties++].name = member;
		}
		s->properties[at].required = true;
	}
	return 0;
}

static int
compile_child(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	const struct schema **child = field;

	*child = schema_compile_node(c, value,
	    arena_printf(c->arena, "%s/%s", s->where, name));
	return *child != NULL ? 0 : -1;
}

/* "#/components/schemas/case": no URL, no anchor, no percent-encoding. */
static int
compile_ref(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	const char   *text = json_string_value(value);
	const json_t *node;

	if (text == NULL || strncmp(text, "#/", 2) != 0 ||
	    strchr(text, '%') != NULL)
		return schema_refuse(c, s,
		    "%s must be a string like "
		    "\"#/components/schemas/case\"",
		    name);
	node = json_pointer_get(c->root, text + 1);
	if (node == NULL)
		return schema_refuse(c, s,
		    "%s \"%s\": there is no such "
		    "place",
		    name, text);
	*(const struct schema **)field = schema_compile_node(c, node, text + 1);
	return *(const struct schema **)field != NULL ? 0 : -1;
}

static int
compile_group(struct compiler *c, struct schema *s, const char *name,
    const json_t *value, void *field)
{
	struct schema_group *group = field;
	size_t		     i;

	if ((group->count = json_array_size(value)) == 0)
		return schema_refuse(c, s, "%s must be an array of schemas",
		    name);
	group->schema =
	    arena_alloc(c->arena, group->count * sizeof(*group->schema));
	for (i = 0; i < group->count; i++) {
		group->schema[i] =
		    schema_compile_node(c, json_array_get(value, i),
			arena_printf(c->arena, "%s/%s/%zu", s->where, name, i));
		if (group->schema[i] == NULL)
			return -1;
	}
	return 0;
}

static void
release_pattern(void *pattern)
{
	regfree(pattern);
}
