/*
 * Parameters: text that becomes a value to check, and then the text that
 * PostgreSQL gets. What passes as an integer here is one for PostgreSQL.
 */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "schema_internal.h"
#include "unicode.h"

static json_t *read_number(const char *, size_t);
static json_t *read_items(const struct schema *, const char *const *, size_t,
    struct schema_faults *);
static bool    is_integer(const char *, json_int_t *);
static void    refuse(struct schema_faults *, const char *, const char *);
static void    name_items(struct schema_faults *, size_t);
static const char *literal_of(struct arena *, const json_t *);
static const char *array_literal(struct arena *, const char *const *, size_t);
static const char *scalar_text(struct arena *, const json_t *);
static void	   release(void *);

size_t
schema_check_text(const struct schema *s, const char *text,
    struct schema_faults *faults, const char **text_out)
{
	const struct schema *kind = schema_typed(s);
	struct arena	    *arena = faults->arena;
	unsigned	     nouns = kind->types & ~(unsigned)TYPE_NULL;
	json_t *value = schema_read_scalar(kind, text, strlen(text));
	size_t	found;

	if (value == NULL) {
		refuse(faults, "type",
		    arena_printf(arena, "Must be %s.",
			schema_nouns(arena, nouns != 0 ? nouns : TYPE_STRING)));
		return 1;
	}
	arena_defer(arena, release, value);
	found = schema_check(s, value, faults);
	if (found == 0)
		*text_out = faults->reworded ? json_string_value(value) : text;
	return found;
}

size_t
schema_check_items(const struct schema *s, const char *const *items,
    size_t count, struct schema_faults *faults, const char **text_out)
{
	size_t	before = faults->count, found;
	json_t *array = read_items(schema_typed(s), items, count, faults);

	if (array == NULL)
		return 1;
	arena_defer(faults->arena, release, array);
	if ((found = schema_check(s, array, faults)) != 0)
		name_items(faults, before);
	else if (!faults->reworded)
		*text_out = array_literal(faults->arena, items, count);
	else
		*text_out = literal_of(faults->arena, array);
	return found;
}

enum schema_list
schema_list(const struct schema *s, size_t *max)
{
	const struct schema *kind = schema_typed(s), *item = kind->items;

	*max = kind->max_items;
	if ((kind->types & TYPE_ARRAY) == 0)
		return SCHEMA_NO_LIST;
	if (item == NULL)
		return SCHEMA_LIST_OF_TEXTS;
	item = schema_typed(item);
	return (item->types != 0 && (item->types & TYPE_STRING) == 0) ||
		item->enumeration != NULL ?
	    SCHEMA_LIST_WITHOUT_COMMAS :
	    SCHEMA_LIST_OF_TEXTS;
}

void
schema_read_form(const struct schema *s, json_t *object)
{
	const struct schema *kind = schema_typed(s);
	const char	    *text;
	json_t		    *field, *value;
	void		    *next;
	size_t		     i;

	json_object_foreach_safe(object, next, text, field)
	{
		if (json_string_length(field) == 0)
			json_object_del(object, text);
	}
	for (i = 0; i < kind->nproperties; i++) {
		const struct schema_property *p = &kind->properties[i];

		text = json_string_value(json_object_get(object, p->name));
		if (text == NULL || p->schema == NULL)
			continue;
		if (!p->required && !unicode_shows(text)) {
			json_object_del(object, p->name);
			continue;
		}
		value = schema_read_scalar(p->schema, text, strlen(text));
		if (value != NULL)
			json_object_set_new(object, p->name, value);
	}
}

const char *
schema_default_text(const struct schema *s, struct arena *arena)
{
	while (s->default_value == NULL && s->ref != NULL)
		s = s->ref;
	if (s->default_value == NULL || json_is_null(s->default_value))
		return NULL;
	if (json_is_array(s->default_value))
		return literal_of(arena, s->default_value);
	return scalar_text(arena, s->default_value);
}

const struct schema *
schema_typed(const struct schema *s)
{
	const struct schema *other = s;
	size_t		     i;

	if (s->types != 0)
		return s;
	if (s->ref != NULL)
		other = schema_typed(s->ref);
	for (i = 0; i < s->all_of.count && other->types == 0; i++)
		other = schema_typed(s->all_of.schema[i]);
	return other->types != 0 ? other : s;
}

json_t *
schema_read_scalar(const struct schema *s, const char *text, size_t len)
{
	unsigned   types = schema_typed(s)->types;
	json_int_t integer;

	if (types & (TYPE_INTEGER | TYPE_NUMBER) && is_integer(text, &integer))
		return json_integer(integer);
	if (types & TYPE_NUMBER && len != 0 &&
	    strspn(text, "0123456789+-.eE") == len)
		return read_number(text, len);
	if (types & TYPE_BOOLEAN &&
	    (strcmp(text, "true") == 0 || strcmp(text, "false") == 0))
		return json_boolean(*text == 't');
	if (types == 0 || types & TYPE_STRING)
		return json_stringn(text, len); /* NULL: not UTF-8 */
	return NULL;
}

/* NULL also for what is almost zero: PostgreSQL keeps thousands of digits. */
static json_t *
read_number(const char *text, size_t len)
{
	char	err[128];
	json_t *value = json_parse_strict(text, len, err, sizeof(err));

	if (!json_is_real(value) || isnormal(json_real_value(value)))
		return value;
	json_decref(value);
	return NULL;
}

/* A new array; NULL after a fault. */
static json_t *
read_items(const struct schema *s, const char *const *items, size_t count,
    struct schema_faults *faults)
{
	struct arena *arena = faults->arena;
	json_t	     *array, *item;
	unsigned      types;
	size_t	      i;

	/* No item is read of more than there may be. */
	if (count > s->max_items) {
		refuse(faults, "maxItems", s->sentence[RULE_MAX_ITEMS]);
		return NULL;
	}
	array = json_array();
	assert(array != NULL);
	for (i = 0; i < count; i++) {
		if (*items[i] == '\0') {
			refuse(faults, "items",
			    arena_printf(arena, "Item %zu is empty.", i + 1));
			break;
		}
		if (s->items == NULL)
			item = json_string(items[i]);
		else
			item = schema_read_scalar(s->items, items[i],
			    strlen(items[i]));
		if (item == NULL) {
			types = s->items == NULL ?
			    0 :
			    schema_typed(s->items)->types;
			refuse(faults, "type",
			    arena_printf(arena, "Item %zu: Must be %s.", i + 1,
				schema_nouns(arena,
				    types != 0 ? types : TYPE_STRING)));
			break;
		}
		json_array_append_new(array, item);
	}
	if (i == count)
		return array;
	json_decref(array);
	return NULL;
}

/* Decimal, no sign but a minus, no leading zero, 64 bits. */
static bool
is_integer(const char *text, json_int_t *value)
{
	const char *digits = text + (*text == '-');
	size_t	    len = strspn(digits, "0123456789");

	if (len == 0 || digits[len] != '\0' ||
	    (*digits == '0' && (len > 1 || *text == '-')))
		return false;
	errno = 0;
	*value = strtoll(text, NULL, 10);
	return errno == 0;
}

static void
refuse(struct schema_faults *faults, const char *code, const char *detail)
{
	if (faults->count < SCHEMA_FAULTS_MAX)
		faults->fault[faults->count++] =
		    (struct schema_fault){ "", code, detail };
}

/* A parameter has no JSON Pointer: "/2" becomes "Item 3: " in the sentence. */
static void
name_items(struct schema_faults *faults, size_t from)
{
	struct schema_fault *fault;
	size_t		     i;

	for (i = from; i < faults->count; i++) {
		fault = &faults->fault[i];
		if (*fault->pointer != '/')
			continue;
		fault->detail = arena_printf(faults->arena, "Item %lu: %s",
		    strtoul(fault->pointer + 1, NULL, 10) + 1, fault->detail);
		fault->pointer = "";
	}
}

static const char *
literal_of(struct arena *arena, const json_t *array)
{
	size_t	     i, count = json_array_size(array);
	const char **items = arena_alloc(arena, count * sizeof(*items));

	for (i = 0; i < count; i++)
		items[i] = scalar_text(arena, json_array_get(array, i));
	return array_literal(arena, items, count);
}

/* {"1","2"}: everything quoted, so that no text is special. */
static const char *
array_literal(struct arena *arena, const char *const *items, size_t count)
{
	size_t	    i, size = sizeof("{}");
	const char *in;
	char	   *text, *out;

	for (i = 0; i < count; i++)
		size += strlen(items[i]) * 2 + 3;
	text = out = arena_alloc(arena, size);
	*out++ = '{';
	for (i = 0; i < count; i++) {
		if (i > 0)
			*out++ = ',';
		*out++ = '"';
		for (in = items[i]; *in != '\0'; in++) {
			if (*in == '"' || *in == '\\')
				*out++ = '\\';
			*out++ = *in;
		}
		*out++ = '"';
	}
	*out = '}';
	return text;
}

static const char *
scalar_text(struct arena *arena, const json_t *value)
{
	if (json_is_string(value))
		return arena_strdup(arena, json_string_value(value));
	return schema_json_text(arena, value);
}

static void
release(void *value)
{
	json_decref(value);
}
