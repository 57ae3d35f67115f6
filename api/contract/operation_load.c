/*
 * The OpenAPI document → operations. Everything that could be wrong between
 * the document, the statements and the hooks is found here, before the first
 * request: an unknown key, a missing or surplus statement, a parameter that
 * only one side knows.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "json.h"
#include "openapi.h"
#include "operation.h"
#include "operation_bind.h"
#include "operation_callers.h"
#include "operation_content.h"
#include "operation_load.h"
#include "route.h"
#include "scopes.h"

#define WHERE_MAX      256
#define LIST_ITEMS_MAX 1000

/* What is being read, for messages; the reading stops at the first fault. */
static const json_t		    *document;
static const struct operation_setup *setup;
static char			    *fault;
static size_t			     fault_len;

static int  read_path(const char *, const json_t *);
static int  read_operation(const char *, enum http_method, const json_t *,
     const json_t *);
static int  check_keys(const char *, const json_t *, const char *const *);
static int  read_parameters(struct operation *, const json_t *, const char *);
static int  read_parameter(struct operation *, const json_t *, const char *);
static long read_max_age(const struct operation *);
static int  read_segments(struct operation *);
static int  read_cursor(struct operation *, const json_t *);
static bool (*find_hook(const char *))(struct request *);
static bool find_parameter(const struct operation *, const char *, size_t *);

static int complain(const char *, ...) __attribute__((format(printf, 1, 2)));

static const char *const path_keys[] = { "parameters", "summary", "description",
	"get", "post", "put", "patch", "delete", NULL };
static const char *const operation_keys[] = { "operationId", "tags", "summary",
	"description", "deprecated", "security", "parameters", "requestBody",
	"responses", "x-callers", "x-roles", "x-cursor", "x-resumable",
	"x-slow", "x-stream", "x-hook", "x-cache", "x-limits", NULL };

int
operation_load(const char *json, size_t len,
    const struct operation_setup *given, char *err, size_t errlen)
{
	json_t	   *paths, *item;
	const char *path;

	setup = given;
	fault = err;
	fault_len = errlen;
	operation_forget();
	route_forget();
	document = json_parse_strict(json, len, err, errlen);
	if (document == NULL)
		return -1;
	paths = json_object_get(document, "paths");
	if (!json_is_object(paths))
		return complain("there are no paths");
	json_object_foreach (paths, path, item)
		if (read_path(path, item) == -1)
			return -1;
	return operation_read_limits(document, setup, err, errlen) == 0 ?
	    operation_check_statements(err, errlen) :
	    -1;
}

static int
complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(fault, fault_len, fmt, ap);
	va_end(ap);
	return -1;
}

static int
read_path(const char *path, const json_t *item)
{
	const json_t *op;
	char	      key[16];
	int	      m;
	size_t	      i;

	if (check_keys(path, item, path_keys) == -1)
		return -1;
	for (m = 0; m < HTTP_METHODS; m++) {
		snprintf(key, sizeof(key), "%s",
		    http_method_name((enum http_method)m));
		for (i = 0; key[i] != '\0'; i++)
			key[i] = (char)tolower((unsigned char)key[i]);
		op = json_object_get(item, key);
		if (op != NULL &&
		    read_operation(path, (enum http_method)m, op,
			json_object_get(item, "parameters")) == -1)
			return -1;
	}
	return 0;
}

static int
read_operation(const char *path, enum http_method method, const json_t *node,
    const json_t *shared)
{
	struct operation *op;
	const char	 *id, *hook;

	id = json_string_value(json_object_get(node, "operationId"));
	if (id == NULL)
		return complain("%s %s has no operationId",
		    http_method_name(method), path);
	if (check_keys(id, node, operation_keys) == -1)
		return -1;
	if (operation_find(id) != NULL)
		return complain("operationId %s is given twice", id);
	op = calloc(1, sizeof(*op));
	if (op == NULL)
		abort();
	op->id = id;
	if (!operation_add(op))
		return complain("more than %d operations", OPERATIONS_MAX);
	op->path = path;
	op->method = method;
	op->cache_control = json_string_value(json_object_get(node, "x-cache"));
	op->pool = json_is_true(json_object_get(node, "x-slow")) ? DB_SLOW :
	    method == HTTP_GET					 ? DB_READ :
								   DB_WRITE;

	if (read_parameters(op, shared, id) == -1 ||
	    read_parameters(op, json_object_get(node, "parameters"), id) ==
		-1 ||
	    read_segments(op) == -1 ||
	    operation_read_callers(op, node, fault, fault_len) == -1 ||
	    operation_read_content(op, document, node, setup, fault,
		fault_len) == -1 ||
	    read_cursor(op, json_object_get(node, "x-cursor")) == -1)
		return -1;
	operation_sort_query(op);
	route_add(op);
	op->max_age = read_max_age(op);
	op->resumable = json_is_true(json_object_get(node, "x-resumable"));

	hook = json_string_value(json_object_get(node, "x-hook"));
	if (hook != NULL) {
		op->hook = find_hook(hook);
		if (op->hook == NULL)
			return complain("%s: there is no hook %s", id, hook);
		if (statement_find(id) != NULL)
			return complain("%s has a hook and a statement", id);
		return 0;
	}
	if (statement_find(id) == NULL)
		return complain("%s has no statement (-- name: %s) and no "
				"x-hook",
		    id, id);
	return operation_bind(op, fault, fault_len);
}

static bool (*find_hook(const char *name))(struct request *)
{
	const struct operation_hook *h;

	for (h = setup->hooks; h->name != NULL; h++)
		if (strcmp(h->name, name) == 0)
			break;
	return h->run;
}

static int
check_keys(const char *where, const json_t *node, const char *const *known)
{
	const char *key = openapi_unknown_key(node, known);

	return key == NULL ? 0 : complain("%s: unknown key %s", where, key);
}

static int
read_parameters(struct operation *op, const json_t *list, const char *id)
{
	const json_t *node;
	size_t	      i;

	for (i = 0; i < json_array_size(list); i++) {
		node = openapi_resolve(document, json_array_get(list, i));
		if (node == NULL)
			return complain("%s: parameter %zu has a $ref to "
					"nothing",
			    id, i);
		if (read_parameter(op, node, id) == -1)
			return -1;
	}
	return 0;
}

static int
read_parameter(struct operation *op, const json_t *node, const char *id)
{
	static const char *const known[] = { "name", "in", "required",
		"description", "schema", "style", "explode", "example",
		"examples", "deprecated", "x-slow", NULL };
	const json_t		*slow;
	const char		*name, *in;
	struct parameter	*p = &op->params[op->nparams];
	char			 where[WHERE_MAX];
	bool			 required;

	name = json_string_value(json_object_get(node, "name"));
	in = json_string_value(json_object_get(node, "in"));
	if (name == NULL || in == NULL)
		return complain("%s: a parameter has no name or in", id);
	snprintf(where, sizeof(where), "%s parameter %s", id, name);
	if (check_keys(where, node, known) == -1)
		return -1;
	required = json_is_true(json_object_get(node, "required"));
	if (strcmp(in, "header") == 0) {
		if (strcasecmp(name, "If-Match") == 0) {
			op->needs_if_match = required;
			return 0;
		}
		if (strcasecmp(name, "Idempotency-Key") == 0) {
			op->takes_key = true;
			op->key_param = op->nparams;
		}
		if (strcasecmp(name, "If-None-Match") == 0)
			return 0; /* every GET with an ETag has it */
		p->field = field_find(name);
		if (p->field == NULL)
			return complain("%s: the engine does not know this "
					"header",
			    where);
		op->takes_fields = true;
	} else if (strcmp(in, "path") != 0 && strcmp(in, "query") != 0)
		return complain("%s: in %s is not supported", where, in);
	if (op->nparams == OPERATION_PARAMS_MAX)
		return complain("%s has too many parameters", id);
	p->in = *in == 'p' ? IN_PATH : *in == 'q' ? IN_QUERY : IN_HEADER;
	p->name = name;
	p->required = required;
	slow = json_object_get(node, "x-slow"); /* true, or the one value */
	p->slow = json_is_true(slow) ? "" : json_string_value(slow);
	op->takes_slow |= p->slow != NULL;
	p->schema = schema_compile(document, json_object_get(node, "schema"),
	    where, fault, fault_len);
	if (p->schema == NULL)
		return -1;
	p->list = schema_list(p->schema, &p->max);
	if (p->list != SCHEMA_NO_LIST && p->max > LIST_ITEMS_MAX)
		return complain("%s: a list needs maxItems, of %d at most",
		    where, LIST_ITEMS_MAX);
	op->nparams++;
	return 0;
}

/* Of one JSON text for all who are nobody in particular. */
static long
read_max_age(const struct operation *op)
{
	static const char name[] = "max-age=";
	const char	 *at = op->cache_control;

	if (at == NULL || strncmp(at, "public", 6) != 0 || op->ncursor > 0 ||
	    op->raw_answer || (at = strstr(at, name)) == NULL)
		return 0;
	return strtol(at + sizeof(name) - 1, NULL, 10);
}

/* "/v1/cases/{case_id}/notes" → literal texts and parameter numbers */
static int
read_segments(struct operation *op)
{
	const char *p = op->path;
	size_t	    len, i, n = 0;

	while (*p == '/') {
		len = strcspn(++p, "/");
		if (n == OPERATION_SEGMENTS_MAX)
			return complain("%s has too many segments", op->path);
		if (*p == '{') {
			for (i = 0; i < op->nparams; i++)
				if (op->params[i].in == IN_PATH &&
				    strlen(op->params[i].name) == len - 2 &&
				    strncmp(op->params[i].name, p + 1,
					len - 2) == 0)
					break;
			if (i == op->nparams)
				return complain("%s: the path's %.*s is not "
						"a parameter",
				    op->id, (int)len, p);
			op->segment_param[n] = i;
		} else
			op->segment[n] = strndup(p, len);
		n++;
		p += len;
	}
	op->nsegments = n;
	return 0;
}

static int
read_cursor(struct operation *op, const json_t *columns)
{
	size_t i;

	op->ncursor = json_array_size(columns);
	if (op->ncursor == 0)
		return 0;
	if (op->ncursor > OPERATION_CURSOR_MAX)
		return complain("%s: x-cursor has too many columns", op->id);
	for (i = 0; i < op->ncursor; i++)
		op->cursor[i] = json_string_value(json_array_get(columns, i));
	for (i = 0; i < op->nparams; i++)
		op->params[i].filters = op->params[i].in == IN_QUERY &&
		    strcmp(op->params[i].name, "limit") != 0 &&
		    strcmp(op->params[i].name, "cursor") != 0 &&
		    strcmp(op->params[i].name, "count") != 0;
	op->counts = find_parameter(op, "count", &op->count_param);
	if (!find_parameter(op, "limit", &op->limit_param))
		return complain("%s is a collection without limit", op->id);
	return 0;
}

static bool
find_parameter(const struct operation *op, const char *name, size_t *index)
{
	size_t i;

	for (i = 0; i < op->nparams; i++) {
		if (strcmp(op->params[i].name, name) == 0) {
			*index = i;
			return true;
		}
	}
	return false;
}
