/*
 * Runs a compiled schema over a value. Faults come in the order of the
 * schema. A fault costs nothing until it happens: the way to the value is a
 * list on the stack, and pointers and sentences are built when needed.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json_pointer.h"
#include "schema_internal.h"
#include "utf8.h"

/* A member name is the sender's text: no more of it than this is repeated. */
#define NAME_MAX_BYTES 100

struct path {
	const struct path *parent; /* NULL: of the whole value */
	const char	  *name;   /* NULL: an element */
	size_t		   index;
};

struct check {
	struct schema_faults *faults;
	size_t		      found;
	const struct path    *base;   /* where this check started */
	bool		      misfit; /* another kind of value */
};

typedef void check_fn(struct check *, const struct schema *, const json_t *,
    const struct path *);

static check_fn	   check, check_string, check_number, check_array;
static check_fn	   check_object, check_unknown, check_groups;
static unsigned	   type_bits(const json_t *);
static int	   compare(const json_t *, const json_t *);
static bool	   listed(const json_t *, const json_t *);
static void	   check_group(struct check *, const struct schema_group *,
	   const char *, const json_t *, const struct path *);
static void	   adopt(struct check *, const struct check *);
static void	   fault(struct check *, const struct path *, const char *,
	   const char *, ...) __attribute__((format(printf, 4, 5)));
static const char *pointer(struct arena *, const struct path *);
static const char *escaped(struct arena *, const char *);

size_t
schema_check(const struct schema *s, const json_t *value,
    struct schema_faults *faults)
{
	struct check c = { .faults = faults };

	check(&c, s, value, NULL);
	return c.found;
}

static void
check(struct check *c, const struct schema *s, const json_t *value,
    const struct path *path)
{
	struct arena *arena = c->faults->arena;
	unsigned      bits = type_bits(value);

	/* Nobody reads more; so a hostile body costs no more either. */
	if (c->found >= SCHEMA_FAULTS_MAX)
		return;
	if (s->ref != NULL)
		check(c, s->ref, value, path);
	if (s->types != 0 && (s->types & bits) == 0) {
		fault(c, path, "type", "Must be %s.",
		    schema_nouns(arena, s->types));
		return;
	}
	if (s->enumeration != NULL && !listed(s->enumeration, value))
		fault(c, path, "enum", "Must be one of %s.",
		    schema_choices(arena, s->enumeration));
	if (s->constant != NULL && !json_equal(s->constant, value))
		fault(c, path, "const", "Must be %s.",
		    schema_json_text(arena, s->constant));
	if (bits & TYPE_STRING)
		check_string(c, s, value, path);
	else if (bits & TYPE_NUMBER)
		check_number(c, s, value, path);
	else if (bits & TYPE_ARRAY)
		check_array(c, s, value, path);
	else if (bits & TYPE_OBJECT)
		check_object(c, s, value, path);
	check_groups(c, s, value, path);
}

static void
check_string(struct check *c, const struct schema *s, const json_t *value,
    const struct path *path)
{
	const char *text = json_string_value(value);
	size_t	    length, bytes = json_string_length(value);

	length = bytes > s->max_length || bytes < s->min_length * 4 ?
	    utf8_length(text, bytes) :
	    bytes;
	if (length < s->min_length)
		fault(c, path, "minLength",
		    "Must have at least %zu "
		    "character%s.",
		    s->min_length, schema_plural(s->min_length));
	if (length > s->max_length) {
		/* Too long for the pattern, too. */
		fault(c, path, "maxLength",
		    "Must have at most %zu "
		    "character%s.",
		    s->max_length, schema_plural(s->max_length));
		return;
	}
	if (s->pattern != NULL && regexec(s->pattern, text, 0, NULL, 0) != 0)
		fault(c, path, "pattern", "Must match the pattern %s.",
		    s->pattern_text);
	if (s->format != NULL && !s->format->valid(text, bytes))
		fault(c, path, "format", "%s", s->format->detail);
}

static void
check_number(struct check *c, const struct schema *s, const json_t *value,
    const struct path *path)
{
	struct arena *arena = c->faults->arena;

	if (s->minimum != NULL && compare(value, s->minimum) < 0)
		fault(c, path, "minimum", "Must be at least %s.",
		    schema_json_text(arena, s->minimum));
	if (s->maximum != NULL && compare(value, s->maximum) > 0)
		fault(c, path, "maximum", "Must be at most %s.",
		    schema_json_text(arena, s->maximum));
	if (s->exclusive_minimum != NULL &&
	    compare(value, s->exclusive_minimum) <= 0)
		fault(c, path, "exclusiveMinimum", "Must be more than %s.",
		    schema_json_text(arena, s->exclusive_minimum));
	if (s->exclusive_maximum != NULL &&
	    compare(value, s->exclusive_maximum) >= 0)
		fault(c, path, "exclusiveMaximum", "Must be less than %s.",
		    schema_json_text(arena, s->exclusive_maximum));
}

static void
check_array(struct check *c, const struct schema *s, const json_t *value,
    const struct path *path)
{
	struct path item = { .parent = path };
	size_t	    i, j, count = json_array_size(value);

	if (count < s->min_items)
		fault(c, path, "minItems", "Must have at least %zu item%s.",
		    s->min_items, schema_plural(s->min_items));
	if (count > s->max_items) {
		fault(c, path, "maxItems", "Must have at most %zu item%s.",
		    s->max_items, schema_plural(s->max_items));
		return;
	}
	for (i = 0; i < count; i++) {
		item.index = i;
		if (s->items != NULL)
			check(c, s->items, json_array_get(value, i), &item);
		for (j = 0; j < i && s->unique_items; j++) {
			if (!json_equal(json_array_get(value, i),
				json_array_get(value, j)))
				continue;
			fault(c, &item, "uniqueItems",
			    "Must not repeat item %zu.", j + 1);
			break;
		}
	}
}

static void
check_object(struct check *c, const struct schema *s, const json_t *value,
    const struct path *path)
{
	struct path   member = { .parent = path };
	const json_t *present;
	size_t	      i, known = 0, count = json_object_size(value);

	if (count < s->min_properties)
		fault(c, path, "minProperties",
		    "Must have at least %zu member%s.", s->min_properties,
		    schema_plural(s->min_properties));
	for (i = 0; i < s->nproperties; i++) {
		member.name = s->properties[i].name;
		present = json_object_get(value, member.name);
		if (present == NULL) {
			if (s->properties[i].required)
				fault(c, &member, "required",
				    "This member is required.");
		} else if (s->properties[i].schema != NULL) {
			check(c, s->properties[i].schema, present, &member);
			known++;
		}
	}
	if (known < count && (s->closed || s->additional != NULL))
		check_unknown(c, s, value, path);
}

static void
check_unknown(struct check *c, const struct schema *s, const json_t *value,
    const struct path *path)
{
	struct path member = { .parent = path };
	json_t	   *present;
	size_t	    at;

	json_object_foreach (schema_iterable(value), member.name, present) {
		at = schema_property_index(s, member.name);
		if (at < s->nproperties && s->properties[at].schema != NULL)
			continue;
		if (s->closed)
			fault(c, &member, "additionalProperties",
			    "There is no such member.");
		else
			check(c, s->additional, present, &member);
	}
}

static void
check_groups(struct check *c, const struct schema *s, const json_t *value,
    const struct path *path)
{
	size_t i;

	for (i = 0; i < s->all_of.count; i++)
		check(c, s->all_of.schema[i], value, path);
	if (s->any_of.count != 0)
		check_group(c, &s->any_of, "anyOf", value, path);
	if (s->one_of.count != 0)
		check_group(c, &s->one_of, "oneOf", value, path);
}

/*
 * anyOf and oneOf. When the value clearly means one of the alternatives, by
 * its type or by a constant such as {"kind": "mail"}, the faults are that
 * one's; otherwise the first fault of each is named.
 */
static void
check_group(struct check *c, const struct schema_group *group, const char *code,
    const json_t *value, const struct path *path)
{
	struct schema_faults faults;
	struct check	     try, meant = { 0 };
	struct schema_faults meant_faults;
	struct arena	    *arena = c->faults->arena;
	const char	    *reasons = "";
	size_t		     i, matches = 0, candidates = 0;

	for (i = 0; i < group->count; i++) {
		faults.arena = arena;
		faults.count = 0;
		try = (struct check){ .faults = &faults, .base = path };
		check(&try, group->schema[i], value, path);
		if (try.found == 0) {
			if (++matches == 1 && strcmp(code, "anyOf") == 0)
				return;
			continue;
		}
		reasons = arena_printf(arena, "%s%s (%zu) %s", reasons,
		    i == 0 ? "" : ",", i + 1, faults.fault[0].detail);
		if (try.misfit || candidates++ != 0)
			continue;
		meant = try;
		meant_faults = faults;
		meant.faults = &meant_faults;
	}
	if (matches == 1)
		return;
	if (matches > 1)
		fault(c, path, code, "Fits more than one alternative.");
	else if (candidates == 1)
		adopt(c, &meant);
	else
		fault(c, path, code, "Fits no alternative:%s", reasons);
}

static void
adopt(struct check *c, const struct check *from)
{
	struct schema_faults *to = c->faults;
	size_t		      i;

	for (i = 0; i < from->faults->count; i++) {
		if (to->count < SCHEMA_FAULTS_MAX)
			to->fault[to->count++] = from->faults->fault[i];
	}
	c->found += from->found;
}

static void
fault(struct check *c, const struct path *path, const char *code,
    const char *format, ...)
{
	struct schema_faults *faults = c->faults;
	struct schema_fault *new;
	va_list args;
	bool	constant = strcmp(code, "const") == 0;

	c->found++;
	if (path == c->base)
		c->misfit |= constant || strcmp(code, "type") == 0 ||
		    strcmp(code, "enum") == 0;
	else if (path->parent == c->base)
		c->misfit |= constant;
	if (faults->count == SCHEMA_FAULTS_MAX)
		return;
	new = &faults->fault[faults->count++];
	new->pointer = pointer(faults->arena, path);
	new->code = code;
	va_start(args, format);
	new->detail = arena_vprintf(faults->arena, format, args);
	va_end(args);
}

/* RFC 6901. */
static const char *
pointer(struct arena *arena, const struct path *path)
{
	if (path == NULL)
		return "";
	if (path->name == NULL)
		return arena_printf(arena, "%s/%zu",
		    pointer(arena, path->parent), path->index);
	return arena_printf(arena, "%s/%s", pointer(arena, path->parent),
	    escaped(arena, path->name));
}

static const char *
escaped(struct arena *arena, const char *name)
{
	size_t len = strlen(name);
	char  *text, *out;

	if (len > NAME_MAX_BYTES) {
		/* Cut before a character, not within one. */
		for (len = NAME_MAX_BYTES; utf8_continues(name[len]); len--)
			;
	}
	text = arena_alloc(arena, len * 2 + sizeof("…"));
	out = json_pointer_add(text, name, len);
	strcpy(out, name[len] == '\0' ? "" : "…");
	return text;
}

static unsigned
type_bits(const json_t *value)
{
	static const unsigned bits[] = {
		[JSON_OBJECT] = TYPE_OBJECT,
		[JSON_ARRAY] = TYPE_ARRAY,
		[JSON_STRING] = TYPE_STRING,
		[JSON_INTEGER] = TYPE_INTEGER | TYPE_NUMBER,
		/* 1.0 has become an integer: json_make_integers() */
		[JSON_REAL] = TYPE_NUMBER,
		[JSON_TRUE] = TYPE_BOOLEAN,
		[JSON_FALSE] = TYPE_BOOLEAN,
		[JSON_NULL] = TYPE_NULL,
	};

	return bits[json_typeof(value)];
}

/* <0, 0, >0; exact when both are integers. */
static int
compare(const json_t *a, const json_t *b)
{
	json_int_t i = json_integer_value(a), j = json_integer_value(b);
	double	   x = json_number_value(a), y = json_number_value(b);

	if (json_is_integer(a) && json_is_integer(b))
		return (i > j) - (i < j);
	return (x > y) - (x < y);
}

static bool
listed(const json_t *list, const json_t *value)
{
	size_t i;

	for (i = 0; i < json_array_size(list); i++) {
		if (json_equal(json_array_get(list, i), value))
			return true;
	}
	return false;
}
