/*
 * Cells of a table: texts that stand for members of an object.
 */
#include <string.h>
#include <strings.h>

#include "schema_internal.h"

#define BETWEEN_ITEMS '|'

static const struct schema *member(const struct schema *, const char *, size_t);
static const struct schema *member_of_any(const struct schema_group *,
    const char *, size_t);
static json_t		   *read_list(const struct schema *, const char *);
static const struct schema *alternative(const struct schema *, unsigned);
static const struct schema *alternative_of(const struct schema_group *,
    unsigned);

const struct schema *
schema_column(const struct schema *s, const char *name)
{
	size_t len = strcspn(name, ".");

	s = member(s, name, len);
	if (s == NULL)
		return NULL;
	if (name[len] == '.')
		return schema_column(s, name + len + 1);
	return alternative(s, TYPE_OBJECT) != NULL ? NULL : s;
}

json_t *
schema_read_cell(const struct schema *s, const char *text)
{
	const struct schema *list = alternative(s, TYPE_ARRAY);
	const struct schema *number =
	    alternative(s, TYPE_INTEGER | TYPE_NUMBER);
	json_t *value = NULL;

	if (strcmp(text, "null") == 0 && alternative(s, TYPE_NULL) != NULL)
		return json_null();
	if (list != NULL)
		return read_list(list, text);
	if (alternative(s, TYPE_BOOLEAN) != NULL &&
	    (strcasecmp(text, "true") == 0 || strcasecmp(text, "false") == 0))
		return json_boolean(strcasecmp(text, "true") == 0);
	if (number != NULL)
		value = schema_read_scalar(number, text, strlen(text));
	return value != NULL ? value : json_string(text);
}

/* a|b; null is none. */
static json_t *
read_list(const struct schema *s, const char *text)
{
	json_t *list = json_array(), *item;
	size_t	len;

	if (strcmp(text, "null") == 0)
		return list;
	for (;; text += len + 1) {
		len = strcspn(text, (char[]){ BETWEEN_ITEMS, '\0' });
		item = json_stringn(text, len);
		if (s->items != NULL) {
			json_t *read = schema_read_scalar(s->items,
			    json_string_value(item), len);

			if (read != NULL) {
				json_decref(item);
				item = read;
			}
		}
		json_array_append_new(list, item);
		if (text[len] == '\0')
			return list;
	}
}

/* Through what the schema is put together of. */
static const struct schema *
member(const struct schema *s, const char *name, size_t len)
{
	const struct schema *found = NULL;
	size_t		     i;

	for (i = 0; i < s->nproperties; i++)
		if (strncmp(s->properties[i].name, name, len) == 0 &&
		    s->properties[i].name[len] == '\0')
			return s->properties[i].schema;
	if (s->ref != NULL)
		found = member(s->ref, name, len);
	if (found == NULL)
		found = member_of_any(&s->all_of, name, len);
	if (found == NULL)
		found = member_of_any(&s->any_of, name, len);
	return found != NULL ? found : member_of_any(&s->one_of, name, len);
}

static const struct schema *
member_of_any(const struct schema_group *group, const char *name, size_t len)
{
	const struct schema *found = NULL;
	size_t		     i;

	for (i = 0; i < group->count && found == NULL; i++)
		found = member(group->schema[i], name, len);
	return found;
}

/* What of the schema says that a value may be of one of these types. */
static const struct schema *
alternative(const struct schema *s, unsigned types)
{
	const struct schema *found = NULL;

	if (s->types & types)
		return s;
	if (s->ref != NULL)
		found = alternative(s->ref, types);
	if (found == NULL)
		found = alternative_of(&s->all_of, types);
	if (found == NULL)
		found = alternative_of(&s->any_of, types);
	return found != NULL ? found : alternative_of(&s->one_of, types);
}

static const struct schema *
alternative_of(const struct schema_group *group, unsigned types)
{
	const struct schema *found = NULL;
	size_t		     i;

	for (i = 0; i < group->count && found == NULL; i++)
		found = alternative(group->schema[i], types);
	return found;
}
