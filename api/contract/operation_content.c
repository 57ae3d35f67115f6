/*
 * The media types of an operation: what its body may be, what it answers. JSON
 * may be as long as its schema lets it become, and HTTP_BODY_MAX always. A
 * body of which no type is JSON is raw: bytes, up to the maxLength that every
 * type of it must have, bound as one parameter, or part by part where it is a
 * stream. It is of the types that are named or, with * / * among them, of any:
 * of others only what the client said is kept. An answer of a statement is one
 * text, JSON or XML, or else the bytes in its rows.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "filename.h"
#include "openapi.h"
#include "operation_columns.h"
#include "operation_content.h"

#define WHERE_MAX 256

static int  read_body(struct operation *, const json_t *, const json_t *,
     const struct operation_setup *, char *, size_t);
static int  read_raw_body(struct operation *, const json_t *, const json_t *,
     bool, const struct operation_setup *, char *, size_t);
static bool takes_nothing(const struct schema *);
static bool ends_in(const char *, const char *);
static int  read_responses(struct operation *, const json_t *, const json_t *,
     char *, size_t);
static struct operation *writable(const struct operation *);
static int		 read_limits(struct operation *, const json_t *, size_t,
		  const struct operation_setup *, char *, size_t);

int
operation_read_content(struct operation *op, const json_t *document,
    const json_t *node, const struct operation_setup *setup, char *err,
    size_t errlen)
{
	op->stream = json_is_true(json_object_get(node, "x-stream"));
	if (read_body(op, document, json_object_get(node, "requestBody"), setup,
		err, errlen) == -1 ||
	    read_responses(op, document, json_object_get(node, "responses"),
		err, errlen) == -1)
		return -1;
	op->limits_node = json_object_get(node, "x-limits");
	op->raw_answer =
	    !op->json && !op->xml && json_object_get(node, "x-hook") == NULL;
	if (op->stream && !op->raw)
		return openapi_fault(err, errlen,
		    "%s: x-stream is for a body of bytes", op->id);
	return 0;
}

static int
read_body(struct operation *op, const json_t *document, const json_t *node,
    const struct operation_setup *setup, char *err, size_t errlen)
{
	const json_t *content, *schema;
	char	      where[WHERE_MAX];
	size_t	      bytes;
	bool	      required;

	op->body_max = HTTP_BODY_MAX;
	if (node == NULL)
		return 0;
	if ((node = openapi_resolve(document, node)) == NULL)
		return openapi_fault(err, errlen,
		    "%s: requestBody is a $ref to nothing", op->id);
	content = json_object_get(node, "content");
	required = json_is_true(json_object_get(node, "required"));
	op->merge_patch =
	    json_object_get(content, "application/merge-patch+json") != NULL;
	if (!op->merge_patch &&
	    json_object_get(content, "application/json") == NULL)
		return read_raw_body(op, document, content, required, setup,
		    err, errlen);
	op->form = json_object_get(content,
		       "application/x-www-form-urlencoded") != NULL;
	op->multipart = json_object_get(content, "multipart/form-data") != NULL;
	schema = json_object_get(json_object_get(content,
				     op->merge_patch ?
					 "application/merge-patch+json" :
					 "application/json"),
	    "schema");
	snprintf(where, sizeof(where), "%s requestBody", op->id);
	op->body = schema_compile(document, schema, where, err, errlen);
	if (op->body == NULL)
		return -1;
	if (required == takes_nothing(op->body))
		return openapi_fault(err, errlen,
		    "%s: required belongs to a body of which something is "
		    "required, and to no other",
		    where);
	bytes = schema_json_bytes(op->body);
	if (bytes > setup->body_memory)
		return openapi_fault(err, errlen,
		    "%s: a body can be larger than BODY_MEMORY; has every "
		    "text, list and object its maximum?",
		    where);
	if (bytes > op->body_max)
		op->body_max = bytes;
	return 0;
}

/* Whether the body may be left out, which is the same as {}. */
static bool
takes_nothing(const struct schema *body)
{
	struct schema_faults faults = { .arena = arena_new() };
	json_t		    *nothing = json_object();
	bool		     taken;

	taken = schema_check(body, nothing, &faults) == 0;
	json_decref(nothing);
	arena_free(faults.arena);
	return taken;
}

static int
read_raw_body(struct operation *op, const json_t *document,
    const json_t *content, bool required, const struct operation_setup *setup,
    char *err, size_t errlen)
{
	const struct schema *schema;
	const char	    *type;
	json_t		    *media;
	char		     where[WHERE_MAX];
	size_t		     max;

	op->raw = true;
	json_object_foreach ((json_t *)(uintptr_t)content, type, media) {
		snprintf(where, sizeof(where), "%s requestBody %s", op->id,
		    type);
		schema = schema_compile(document,
		    json_object_get(media, "schema"), where, err, errlen);
		if (schema == NULL)
			return -1;
		max = schema_max_length(schema);
		if (max > INT32_MAX || (op->ntypes > 0 && max != op->body_max))
			return openapi_fault(err, errlen,
			    "%s: bytes need a maxLength, the same for every "
			    "type",
			    where);
		if (!op->stream && max > setup->body_memory)
			return openapi_fault(err, errlen,
			    "%s: BODY_MEMORY is less than one such body",
			    where);
		if (op->ntypes == OPERATION_TYPES_MAX)
			return openapi_fault(err, errlen, "%s: too many types",
			    where);
		op->body_max = max;
		op->type[op->ntypes++] = type;
	}
	op->any_type = json_object_get(content, "*/*") != NULL;
	if (!required)
		return openapi_fault(err, errlen,
		    "%s: a body of bytes is required", op->id);
	return 0;
}

static bool
ends_in(const char *text, const char *end)
{
	size_t len = text == NULL ? 0 : strlen(text);

	return len >= strlen(end) && strcmp(text + len - strlen(end), end) == 0;
}

static int
read_responses(struct operation *op, const json_t *document,
    const json_t *responses, char *err, size_t errlen)
{
	const json_t *ok, *content;

	ok = openapi_resolve(document, json_object_get(responses, "200"));
	if (ok == NULL)
		ok = openapi_resolve(document,
		    json_object_get(responses, "201"));
	if (ok == NULL)
		ok = openapi_resolve(document,
		    json_object_get(responses, "202"));
	if (ok == NULL)
		return openapi_fault(err, errlen,
		    "%s documents none of 200, 201 and 202", op->id);
	content = json_object_get(ok, "content");
	op->json = json_object_get(content, "application/json") != NULL;
	op->html = op->json && json_object_get(content, "text/html") != NULL;
	op->media_type =
	    json_object_iter_key(json_object_iter((json_t *)(uintptr_t)
		    content));
	op->xml = !op->json && ends_in(op->media_type, "+xml");
	op->etag =
	    json_object_get(json_object_get(ok, "headers"), "ETag") != NULL;
	return operation_read_columns(op, document, content, err, errlen);
}

int
operation_read_limits(const json_t *document,
    const struct operation_setup *setup, char *err, size_t errlen)
{
	struct operation *op;
	size_t		  i, body = HTTP_BODY_MAX;

	for (i = 0; i < operation_count(); i++) {
		op = writable(operation_at(i));
		if (!op->raw && op->body_max > body)
			body = op->body_max;
	}
	for (i = 0; i < operation_count(); i++) {
		op = writable(operation_at(i));
		if (op->limits_node != NULL &&
		    read_limits(op, document, body, setup, err, errlen) == -1)
			return -1;
	}
	return 0;
}

static struct operation *
writable(const struct operation *op)
{
	return (struct operation *)(uintptr_t)op;
}

/*
 * x-limits, name: pointer to a number of the document → JSON, with what HTTP
 * and schemas enforce: what is told is what holds. Never freed.
 */
static int
read_limits(struct operation *op, const json_t *document, size_t body,
    const struct operation_setup *setup, char *err, size_t errlen)
{
	const char   *name;
	json_t	     *pointer, *all;
	const json_t *value;

	all = json_pack("{s:I, s:i, s:i, s:i, s:i, s:i, s:o}", "body_bytes",
	    (json_int_t)body, "header_bytes", HTTP_HEAD_MAX, "header_fields",
	    HTTP_HEADERS_MAX, "target_bytes", HTTP_TARGET_MAX, "filename_bytes",
	    FILENAME_BYTES_MAX, "page_bytes", OPERATION_PAGE_BYTES,
	    "requests_per_minute",
	    setup->rate_limit == 0 ?
		json_null() :
		json_integer((json_int_t)setup->rate_limit));
	json_object_foreach ((json_t *)(uintptr_t)op->limits_node, name,
	    pointer) {
		value = openapi_at(document, json_string_value(pointer));
		if (!json_is_integer(value) ||
		    json_object_set(all, name, (json_t *)(uintptr_t)value) ==
			-1) {
			json_decref(all);
			return openapi_fault(err, errlen,
			    "%s: x-limits: %s points to no whole number",
			    op->id, name);
		}
	}
	op->limits = json_dumps(all, JSON_COMPACT);
	json_decref(all);
	return 0;
}
