/*
 * The columns of a collection that is answered as a table too: the members of
 * its items, as the document lists them; of a member that is an object, those
 * of the object ("granted_by.id"). So JSON and CSV cannot tell different
 * things, and an empty page has its header line. A list or an object without
 * fixed members has no place in a line: such a document is refused.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "openapi.h"
#include "operation_columns.h"

#define PREFIX_MAX 128

static int add_members(json_t *, const json_t *, const json_t *, const char *,
    const char **);
static const json_t *object_of(const json_t *, const json_t *);
static bool	     fits(const json_t *, const json_t *);

int
operation_read_columns(struct operation *op, const json_t *document,
    const json_t *content, char *err, size_t errlen)
{
	const json_t *page, *items;
	const char   *member = "items";

	op->csv = op->json && json_object_get(content, "text/csv") != NULL;
	if (!op->csv)
		return 0;
	page = openapi_resolve(document,
	    json_object_get(json_object_get(content, "application/json"),
		"schema"));
	items = openapi_resolve(document,
	    json_object_get(json_object_get(json_object_get(page, "properties"),
				"items"),
		"items"));
	op->columns = json_array();
	if (items == NULL ||
	    add_members(op->columns, document, items, "", &member) == -1)
		return openapi_fault(err, errlen,
		    "%s: text/csv needs items of fixed members; %s has none",
		    op->id, member);
	return 0;
}

static int
add_members(json_t *columns, const json_t *document, const json_t *object,
    const char *prefix, const char **fault)
{
	const char   *name;
	const json_t *schema, *inner;
	json_t	     *member;
	char	      path[PREFIX_MAX];

	json_object_foreach (json_object_get(object, "properties"), name,
	    member) {
		schema = openapi_resolve(document, member);
		*fault = name;
		if ((size_t)snprintf(path, sizeof(path), "%s%s", prefix,
			name) >= sizeof(path) - 1)
			return -1;
		inner = object_of(document, schema);
		if (inner != NULL) {
			strcat(path, ".");
			if (add_members(columns, document, inner, path,
				fault) == -1)
				return -1;
		} else if (!fits(document, schema) ||
		    json_array_append_new(columns, json_string(path)) == -1) {
			return -1;
		}
	}
	return json_array_size(columns) == 0 ? -1 : 0;
}

/* The object that it is, or may be beside null; or NULL. */
static const json_t *
object_of(const json_t *document, const json_t *schema)
{
	const json_t *one;
	json_t	     *any;
	size_t	      i;

	if (json_object_get(schema, "properties") != NULL)
		return schema;
	json_array_foreach (json_object_get(schema, "anyOf"), i, any) {
		one = openapi_resolve(document, any);
		if (json_object_get(one, "properties") != NULL)
			return one;
	}
	return NULL;
}

/* Whether it is one value: neither a list nor an object. */
static bool
fits(const json_t *document, const json_t *schema)
{
	const json_t *type = json_object_get(schema, "type");
	json_t	     *one;
	size_t	      i;

	if (schema == NULL)
		return false;
	if (json_is_string(type))
		return strcmp(json_string_value(type), "array") != 0 &&
		    strcmp(json_string_value(type), "object") != 0;
	json_array_foreach (type, i, one)
		if (strcmp(json_string_value(one), "array") == 0 ||
		    strcmp(json_string_value(one), "object") == 0)
			return false;
	json_array_foreach (json_object_get(schema, "anyOf"), i, one)
		if (!fits(document, openapi_resolve(document, one)))
			return false;
	return true;
}
