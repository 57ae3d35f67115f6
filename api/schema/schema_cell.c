/*
 * Cells of a table: texts that stand for members of an object.
 */
#include <string.h>
#include <strings.h>

#include "schema_internal.h"

#define BETWEEN_ITEMS '|'
#define BLANKS	      " \t\r\n"
#define DIGITS	      "0123456789"

static const struct schema *member(const struct schema *, const char *, size_t);
static const struct schema *member_of_any(const struct schema_group *,
    const char *, size_t);
static json_t		   *read_list(const struct schema *, const char *);
static json_t *read_item(const struct schema *, const char *, size_t);
static json_t *read_grouped(const struct schema *, const char *);
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
	if (value == NULL && number != NULL)
		value = read_grouped(number, text);
	return value != NULL ? value : json_string(text);
}

const char *
schema_column_format(const struct schema *s)
{
	s = alternative(s, TYPE_STRING);
	return s != NULL && s->format != NULL ? s->format->name : "";
}

/* a|b; null is none. Nothing between two is no item. */
static json_t *
read_list(const struct schema *s, const char *text)
{
	json_t *list = json_array();
	size_t	len, shown;

	if (strcmp(text, "null") == 0)
		return list;
	for (;; text += len + 1) {
		text += strspn(text, BLANKS);
		len = shown = strcspn(text, (char[]){ BETWEEN_ITEMS, '\0' });
		while (shown > 0 && strchr(BLANKS, text[shown - 1]) != NULL)
			shown--;
		if (shown > 0)
			json_array_append_new(list, read_item(s, text, shown));
		if (text[len] == '\0')
			return list;
	}
}

static json_t *
read_item(const struct schema *s, const char *text, size_t len)
{
	json_t *item = json_stringn(text, len), *read;

	if (s->items == NULL)
		return item;
	read = schema_read_scalar(s->items, json_string_value(item), len);
	if (read == NULL)
		return item;
	json_decref(item);
	return read;
}

/* As people write thousands where these numbers come from: 1,234,567. */
static json_t *
read_grouped(const struct schema *s, const char *text)
{
	char   plain[24];
	size_t len = strspn(text, DIGITS), n = len, group;

	if (len < 1 || len > 3)
		return NULL;
	memcpy(plain, text, len);
	for (text += len; *text == ','; text += 1 + group) {
		group = strspn(text + 1, DIGITS);
		if (group != 3 || n + group >= sizeof(plain))
			return NULL;
		memcpy(plain + n, text + 1, group);
		n += group;
	}
	if (*text != '\0' || n == len)
		return NULL;
	plain[n] = '\0';
	return schema_read_scalar(s, plain, n);
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
