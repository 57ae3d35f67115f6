/*
 * x-callers, x-roles, and the one scope of the bearer scheme.
 */
#include <stdlib.h>
#include <string.h>

#include "openapi.h"
#include "operation_callers.h"
#include "scopes.h"

static int read_kinds(struct operation *, const json_t *, char *, size_t);
static int read_roles(struct operation *, const json_t *, char *, size_t);
static int read_security(struct operation *, const json_t *, char *, size_t);

int
operation_read_callers(struct operation *op, const json_t *node, char *err,
    size_t errlen)
{
	if (read_kinds(op, json_object_get(node, "x-callers"), err, errlen) ==
		-1 ||
	    read_roles(op, json_object_get(node, "x-roles"), err, errlen) == -1)
		return -1;
	return read_security(op, json_object_get(node, "security"), err,
	    errlen);
}

static int
read_kinds(struct operation *op, const json_t *list, char *err, size_t errlen)
{
	enum caller_kind kind;
	const char	*name;
	size_t		 i;

	for (i = 0; i < json_array_size(list); i++) {
		name = json_string_value(json_array_get(list, i));
		kind = caller_kind_of(name, strlen(name));
		if (kind == CALLER_KINDS)
			return openapi_fault(err, errlen,
			    "%s: no caller is called %s", op->id, name);
		op->callers |= 1U << kind;
	}
	if (op->callers == 0)
		return openapi_fault(err, errlen, "%s has no x-callers",
		    op->id);
	return 0;
}

/* As a text[] of PostgreSQL, which knows the roles. */
static int
read_roles(struct operation *op, const json_t *list, char *err, size_t errlen)
{
	char	   *text, *end;
	const char *name;
	size_t	    i, len = sizeof("{}");

	if (list == NULL)
		return 0;
	if (!(op->callers & 1U << CALLER_STAFF) || json_array_size(list) == 0)
		return openapi_fault(err, errlen,
		    "%s: x-roles names roles of staff", op->id);
	for (i = 0; i < json_array_size(list); i++) {
		name = json_string_value(json_array_get(list, i));
		if (name == NULL ||
		    name[strspn(name, "abcdefghijklmnopqrstuvwxyz_")] != '\0')
			return openapi_fault(err, errlen,
			    "%s: x-roles is a list of names", op->id);
		len += strlen(name) + 1;
	}
	if ((text = malloc(len)) == NULL)
		abort();
	op->roles = text;
	end = stpcpy(text, "{");
	for (i = 0; i < json_array_size(list); i++) {
		if (i > 0)
			end = stpcpy(end, ",");
		end = stpcpy(end, json_string_value(json_array_get(list, i)));
	}
	stpcpy(end, "}");
	return 0;
}

/* One scope; [] is open to all. */
static int
read_security(struct operation *op, const json_t *security, char *err,
    size_t errlen)
{
	const json_t *scopes;
	bool	      anonymous;
	size_t	      i;

	if (!json_is_array(security))
		return openapi_fault(err, errlen, "%s has no security", op->id);
	op->open = json_array_size(security) == 0;
	anonymous = op->open;
	for (i = 0; i < json_array_size(security); i++) {
		scopes = json_object_get(json_array_get(security, i), "bearer");
		if (scopes == NULL)
			anonymous = true;
		else if (json_array_size(scopes) > 1)
			return openapi_fault(err, errlen,
			    "%s needs more than one scope", op->id);
		else
			op->scope =
			    json_string_value(json_array_get(scopes, 0));
	}
	if (op->scope != NULL && (op->scope_bit = scopes_learn(op->scope)) == 0)
		return openapi_fault(err, errlen,
		    "%s: there are more than %d scopes", op->id, SCOPES_MAX);
	if (anonymous != ((op->callers & 1U << CALLER_PUBLIC) != 0))
		return openapi_fault(err, errlen,
		    "%s: x-callers and security disagree on the public",
		    op->id);
	return 0;
}
