/*
 * Runs a compiled schema over a value. Faults come in the order of the
 * schema. A fault costs nothing until it happens: the way to the value is a
 * list on the stack. Nor does one that nobody will read: it is only counted,
 * so that the price of a value is linear in it, however bad it is.
 */
#include <stdio.h>
#include <string.h>

#include "builder.h"
#include "json_pointer.h"
#include "schema_internal.h"
#include "utf8.h"

/* A member name is the sender's text: no more of it than this is repeated. */
#define NAME_MAX_BYTES 100
#define FEW_ITEMS      16 /* are compared with each other */

struct path {
	const struct path *parent; /* NULL: of the whole value */
	const char	  *name;   /* NULL: an element */
	size_t		   index;
};

struct check {
	struct schema_faults *faults; /* NULL: they are only counted */
	bool		     *reworded;
	size_t		      found;
	const struct path    *base;   /* where this check started */
	bool		      misfit; /* another kind of value */
};

typedef void check_fn(struct check *, const struct schema *, json_t *,
    const struct path *);

static check_fn check, check_string, check_format, check_number, check_array;
static check_fn check_object, check_unknown, check_groups;
static void	refuse_unknown(struct check *, const struct schema *, json_t *,
	const struct path *, size_t);
static void	check_unique(struct check *, json_t *, const struct path *);
static void	check_group(struct check *, const struct schema_group *,
	const char *, json_t *, const struct path *);
static const char *reasons(struct check *, const struct schema_group *,
    json_t *, const struct path *);
static bool	   has_room(const struct check *);
static void breaks(struct check *, const struct path *, const struct schema *,
    enum schema_rule);
static void fault(struct check *, const struct path *, const char *,
    const char *);
static const char *pointer(struct arena *, const struct path *);
static void	   add_step(struct builder *, const struct path *);

size_t
schema_check(const struct schema *s, json_t *value,
    struct schema_faults *faults)
{
	struct check c = { .faults = faults, .reworded = &faults->reworded };

	faults->reworded = false;
	check(&c, s, value, NULL);
	return c.found;
}

static void
check(struct check *c, const struct schema *s, json_t *value,
    const struct path *path)
{
	unsigned bits = schema_type_bits(value);

	if (s->ref != NULL)
		check(c, s->ref, value, path);
	if (s->types != 0 && (s->types & bits) == 0) {
		breaks(c, path, s, RULE_TYPE);
		return;
	}
	if (s->enumeration != NULL && !schema_listed(s->enumeration, value))
		breaks(c, path, s, RULE_ENUM);
	if (s->constant != NULL && !json_equal(s->constant, value))
		breaks(c, path, s, RULE_CONST);
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
check_string(struct check *c, const struct schema *s, json_t *value,
    const struct path *path)
{
	const char *text = json_string_value(value);
	size_t	    length, bytes = json_string_length(value);

	length = bytes > s->max_length || bytes < s->min_length * 4 ?
	    utf8_length(text, bytes) :
	    bytes;
	if (length < s->min_length)
		breaks(c, path, s, RULE_MIN_LENGTH);
	if (length > s->max_length) {
		/* Too long for the pattern, too. */
		breaks(c, path, s, RULE_MAX_LENGTH);
		return;
	}
	if (s->pattern != NULL && regexec(s->pattern, text, 0, NULL, 0) != 0) {
		breaks(c, path, s, RULE_PATTERN);
		return; /* one sentence about its form is enough */
	}
	if (s->format != NULL)
		check_format(c, s, value, path);
}

static void
check_format(struct check *c, const struct schema *s, json_t *value,
    const struct path *path)
{
	const char *text = json_string_value(value), *wrong;
	size_t	    len = json_string_length(value);
	char	    plain[SCHEMA_PLAIN_MAX];

	wrong = schema_format_fault(s->format, text, len);
	if (wrong != NULL) {
		fault(c, path, "format", wrong);
		return;
	}
	if (s->format->plain == NULL || !s->format->plain(text, len, plain))
		return;
	(void)json_string_set_nocheck(value, plain);
	*c->reworded = true;
}

static void
check_number(struct check *c, const struct schema *s, json_t *value,
    const struct path *path)
{
	if (s->minimum != NULL && schema_compare(value, s->minimum) < 0)
		breaks(c, path, s, RULE_MINIMUM);
	if (s->maximum != NULL && schema_compare(value, s->maximum) > 0)
		breaks(c, path, s, RULE_MAXIMUM);
	if (s->exclusive_minimum != NULL &&
	    schema_compare(value, s->exclusive_minimum) <= 0)
		breaks(c, path, s, RULE_EXCLUSIVE_MINIMUM);
	if (s->exclusive_maximum != NULL &&
	    schema_compare(value, s->exclusive_maximum) >= 0)
		breaks(c, path, s, RULE_EXCLUSIVE_MAXIMUM);
}

static void
check_array(struct check *c, const struct schema *s, json_t *value,
    const struct path *path)
{
	struct path item = { .parent = path };
	size_t	    count = json_array_size(value);

	if (count < s->min_items)
		breaks(c, path, s, RULE_MIN_ITEMS);
	if (count > s->max_items) {
		breaks(c, path, s, RULE_MAX_ITEMS);
		return;
	}
	for (; s->items != NULL && item.index < count; item.index++)
		check(c, s->items, json_array_get(value, item.index), &item);
	if (s->unique_items)
		check_unique(c, value, path);
}

static void
check_unique(struct check *c, json_t *value, const struct path *path)
{
	struct path item = { .parent = path };
	size_t	    first, count = json_array_size(value);
	json_t	   *seen = count > FEW_ITEMS ? json_object() : NULL;
	char	    sentence[64];

	for (; item.index < count; item.index++) {
		first = schema_first_equal(seen, value, item.index);
		if (first == item.index)
			continue;
		snprintf(sentence, sizeof(sentence),
		    "Must not repeat item %zu.", first + 1);
		fault(c, &item, "uniqueItems", sentence);
	}
	json_decref(seen);
}

static void
check_object(struct check *c, const struct schema *s, json_t *value,
    const struct path *path)
{
	struct path member = { .parent = path };
	json_t	   *present;
	size_t	    i, known = 0, count = json_object_size(value);

	if (count < s->min_properties)
		breaks(c, path, s, RULE_MIN_PROPERTIES);
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
	if (known == count)
		return;
	if (s->closed)
		refuse_unknown(c, s, value, path, count - known);
	else if (s->additional != NULL)
		check_unknown(c, s, value, path);
}

/* Of so many that are unknown, those that will be read are named. */
static void
refuse_unknown(struct check *c, const struct schema *s, json_t *value,
    const struct path *path, size_t unknown)
{
	struct path member = { .parent = path };
	json_t	   *present;

	json_object_foreach (value, member.name, present) {
		if (!has_room(c))
			break;
		if (schema_property_index(s, member.name) < s->nproperties)
			continue;
		fault(c, &member, "additionalProperties",
		    "There is no such member.");
		unknown--;
	}
	c->found += unknown;
}

static void
check_unknown(struct check *c, const struct schema *s, json_t *value,
    const struct path *path)
{
	struct path member = { .parent = path };
	json_t	   *present;
	size_t	    at;

	json_object_foreach (value, member.name, present) {
		at = schema_property_index(s, member.name);
		if (at < s->nproperties && s->properties[at].schema != NULL)
			continue;
		check(c, s->additional, present, &member);
	}
}

static void
check_groups(struct check *c, const struct schema *s, json_t *value,
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
 * one's; otherwise the first fault of each is named. Alternatives are tried
 * without words first: most values fit one.
 */
static void
check_group(struct check *c, const struct schema_group *group, const char *code,
    json_t *value, const struct path *path)
{
	struct check try;
	size_t	     i, matches = 0, candidates = 0, meant = 0, found = 0;

	for (i = 0; i < group->count; i++) {
		try = (struct check){ .base = path, .reworded = c->reworded };
		check(&try, group->schema[i], value, path);
		if (try.found == 0 && ++matches == 1 &&
		    strcmp(code, "anyOf") == 0)
			return;
		if (try.found == 0 || try.misfit || candidates++ != 0)
			continue;
		meant = i;
		found = try.found;
	}
	if (matches == 1)
		return;
	if (matches > 1) {
		fault(c, path, code, "Fits more than one alternative.");
	} else if (candidates != 1) {
		fault(c, path, code, reasons(c, group, value, path));
	} else {
		try = (struct check){ .faults = c->faults,
			.base = path,
			.reworded = c->reworded };
		if (has_room(c))
			check(&try, group->schema[meant], value, path);
		c->found += found;
	}
}

/* The first fault of each alternative. */
static const char *
reasons(struct check *c, const struct schema_group *group, json_t *value,
    const struct path *path)
{
	struct schema_faults faults;
	struct builder	     text;
	struct check	     try;
	size_t		     i;

	if (!has_room(c))
		return "";
	text = (struct builder){ .arena = c->faults->arena };
	builder_add(&text, "Fits no alternative:");
	for (i = 0; i < group->count; i++) {
		faults.arena = c->faults->arena;
		faults.count = 0;
		try = (struct check){
			.faults = &faults, .base = path, .reworded = c->reworded
		};
		check(&try, group->schema[i], value, path);
		builder_printf(&text, "%s (%zu) %s", i == 0 ? "" : ",", i + 1,
		    faults.fault[0].detail);
	}
	return builder_text(&text);
}

/* Whether one more fault will be read. */
static bool
has_room(const struct check *c)
{
	return c->faults != NULL && c->faults->count < SCHEMA_FAULTS_MAX;
}

static void
breaks(struct check *c, const struct path *path, const struct schema *s,
    enum schema_rule rule)
{
	if (path == c->base)
		c->misfit |= rule == RULE_CONST || rule == RULE_TYPE ||
		    rule == RULE_ENUM;
	else if (path != NULL && path->parent == c->base)
		c->misfit |= rule == RULE_CONST;
	fault(c, path, schema_rules[rule], s->sentence[rule]);
}

static void
fault(struct check *c, const struct path *path, const char *code,
    const char *sentence)
{
	struct schema_fault *new;

	c->found++;
	if (!has_room(c))
		return;
	new = &c->faults->fault[c->faults->count++];
	new->pointer = pointer(c->faults->arena, path);
	new->code = code;
	new->detail = arena_strdup(c->faults->arena, sentence);
}

/* RFC 6901. */
static const char *
pointer(struct arena *arena, const struct path *path)
{
	struct builder text = { .arena = arena };

	add_step(&text, path);
	return builder_text(&text);
}

static void
add_step(struct builder *text, const struct path *path)
{
	char   step[2 * NAME_MAX_BYTES];
	size_t len;

	if (path == NULL)
		return;
	add_step(text, path->parent);
	if (path->name == NULL) {
		builder_printf(text, "/%zu", path->index);
		return;
	}
	len = utf8_cut(path->name, NAME_MAX_BYTES);
	builder_add(text, "/");
	builder_add_bytes(text, step,
	    (size_t)(json_pointer_add(step, path->name, len) - step));
	builder_add(text, path->name[len] == '\0' ? "" : "…");
}
