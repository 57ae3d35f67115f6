/*
 * What a request must look like, from the document: path, headers, query,
 * body. Every fault found at one place is reported together.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "form.h"
#include "idempotency.h"
#include "json.h"
#include "media_type.h"
#include "request.h"
#include "uri.h"

enum body_kind { BODY_UNKNOWN, BODY_JSON, BODY_FORM, BODY_PARTS };

static bool	      read_type(struct request *);
static bool	      read_bytes(struct request *);
static json_t	     *parse_body(struct request *);
static enum body_kind body_kind(const struct request *);
static bool	   take_argument(struct request *, const char *, const char *);
static bool	   check_argument(struct request *, size_t, const char *);
static bool	   read_cursor(struct request *, const char *);
static const char *cursor_context(struct request *);
static void	   decref(void *);

bool
request_read_path(struct request *r, const char *const *segments)
{
	struct schema_faults	faults = { .arena = r->arena };
	const struct operation *op = r->op;
	size_t			i, k;

	for (i = 0; i < op->nsegments; i++) {
		if (op->segment[i] != NULL)
			continue;
		k = op->segment_param[i];
		if (schema_check_text(op->params[k].schema, segments[i],
			&faults, &r->args[k]) > 0)
			return (fail(r, PROBLEM_NOT_FOUND, "%s: %s",
			    op->params[k].name, faults.fault[0].detail));
	}
	return (true);
}

bool
request_read_headers(struct request *r)
{
	const char *value;

	if (!request_choose_type(r))
		return (false);
	value = http_header_list(r->arena, r->msg, "if-none-match");
	if (r->op->raw_answer && r->msg->method == HTTP_HEAD)
		value = "*";
	if (r->op->raw_answer && value != NULL)
		r->known_etags = if_none_match_array(r->arena, value);
	if (!r->op->needs_if_match)
		return (true);
	value = http_header_list(r->arena, r->msg, "if-match");
	if (value == NULL)
		return (fail(r, PROBLEM_PRECONDITION_REQUIRED,
		    "Send If-Match with the ETag of the resource as you "
		    "have read it."));
	r->if_match = if_match_array(r->arena, value);
	return (true);
}

bool
request_read_query(struct request *r)
{
	const char *query = r->msg->query, *name, *value;
	const char *cursor = NULL;
	bool	    ok = true;
	size_t	    i;

	while (query != NULL &&
	    uri_next_pair(r->arena, &query, &name, &value)) {
		if (name == NULL)
			return (fail(r, PROBLEM_INVALID_PARAMETER,
			    "The query is not percent-encoded UTF-8 "
			    "without control characters."));
		if (r->op->ncursor > 0 && strcmp(name, "cursor") == 0 &&
		    cursor == NULL)
			cursor = value;
		else if (!take_argument(r, name, value))
			ok = false;
	}
	for (i = 0; i < r->op->nparams; i++) {
		const struct parameter *p = &r->op->params[i];

		if (p->in != IN_QUERY || r->args[i] != NULL)
			continue;
		r->args[i] = schema_default_text(p->schema, r->arena);
		if (r->args[i] == NULL && p->required) {
			fail_at(r, "parameter", p->name, "required",
			    "This parameter is required.");
			ok = false;
		}
	}
	if (!ok)
		return (fail(r, PROBLEM_INVALID_PARAMETER,
		    "A query parameter is not as the document says."));
	if (r->op->ncursor > 0)
		r->cursor_context = cursor_context(r);
	return (cursor == NULL || read_cursor(r, cursor));
}

bool
request_read_body(struct request *r)
{
	struct schema_faults faults = { .arena = r->arena };
	json_t		    *json;
	size_t		     i;

	if (r->op->raw)
		return (read_bytes(r));
	if (r->op->body == NULL ||
	    (r->msg->body_len == 0 && !r->op->body_required)) {
		if (r->msg->body_len > 0)
			return (fail(r, PROBLEM_BAD_REQUEST,
			    "%s takes no body.", r->op->id));
		return (true);
	}
	json = parse_body(r);
	if (json == NULL)
		return (false);
	if (schema_check(r->op->body, json, &faults) == 0)
		return (true);
	for (i = 0; i < faults.count && i < SCHEMA_FAULTS_MAX; i++)
		fail_at(r, "pointer", faults.fault[i].pointer,
		    faults.fault[i].code, faults.fault[i].detail);
	/* A person gets the form back, with what is wrong beside it. */
	if (r->html && r->op->takes_faults) {
		r->faults = arena_printf(r->arena, "[%s]", r->problem.errors);
		r->problem.errors = NULL;
		return (true);
	}
	return (fail(r, PROBLEM_INVALID_REQUEST,
	    "The body does not fit the schema of %s.", r->op->id));
}

/* Fields of their own kind; what is wrong with them is told together. */
bool
request_read_fields(struct request *r)
{
	const struct parameter *p;
	const char	       *value, *fault;
	bool			ok = true;
	size_t			i;

	if (r->op->raw && !read_type(r))
		return (false);
	for (i = 0; r->op->takes_fields && i < r->op->nparams; i++) {
		p = &r->op->params[i];
		if (p->in != IN_HEADER)
			continue;
		value = http_header_list(r->arena, r->msg, p->name);
		fault = value == NULL && p->required ?
		    "This header is required." :
		    NULL;
		if (value != NULL)
			r->args[i] = p->field->read(r->arena, value, &fault);
		if (fault == NULL)
			continue;
		fail_at(r, "parameter", p->name,
		    value == NULL ? "required" : "format", fault);
		ok = false;
	}
	return (ok ||
	    fail(r, PROBLEM_INVALID_REQUEST,
		"A header is not as the document says."));
}

/* The type of a raw body, by its name in the document. */
static bool
read_type(struct request *r)
{
	const char *type = http_header(r->msg, "content-type"), *all = "";
	size_t	    i, n;

	if (type == NULL)
		type = "";
	n = strcspn(type, "; \t");
	for (i = 0; i < r->op->ntypes; i++) {
		if (n == strlen(r->op->type[i]) &&
		    strncasecmp(type, r->op->type[i], n) == 0)
			break;
		all = arena_printf(r->arena, "%s%s%s", all, i == 0 ? "" : ", ",
		    r->op->type[i]);
	}
	if (http_header(r->msg, "content-encoding") != NULL)
		return (fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Send the body without a Content-Encoding."));
	if (i == r->op->ntypes)
		return (fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Send the body as one of %s.", all));
	r->type = r->op->type[i];
	return (true);
}

static bool
read_bytes(struct request *r)
{
	if (r->msg->body_len == 0)
		return (fail(r, PROBLEM_INVALID_REQUEST, "The body is empty."));
	r->body = r->msg->body;
	r->body_len = r->msg->body_len;
	return (true);
}

/*
 * The fingerprint is of what is asked, and for whom. Not of If-Match: a
 * repetition is the same request even when it names a newer version.
 */
bool
request_read_key(struct request *r)
{
	const char *query = r->msg->query == NULL ? "" : r->msg->query;

	if (!r->op->takes_key || r->args[r->op->key_param] == NULL)
		return (true);
	r->key = r->args[r->op->key_param];
	r->fingerprint = idempotency_fingerprint(r->arena,
	    (const struct idempotency_part[]){
		{ r->op->id, strlen(r->op->id) },
		{ r->path, strlen(r->path) },
		{ query, strlen(query) },
		{ r->caller.actor, strlen(r->caller.actor) },
		{ r->msg->body, r->msg->body_len },
	    },
	    5);
	return (true);
}

/* Reads a body of a type that the operation takes; sets r->body, its JSON. */
static json_t *
parse_body(struct request *r)
{
	char   *text, err[256];
	json_t *json = NULL;

	if (http_header(r->msg, "content-encoding") != NULL) {
		(void)fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Send the body without a Content-Encoding.");
		return (NULL);
	}
	switch (body_kind(r)) {
	case BODY_JSON:
		json = json_parse_strict(r->msg->body, r->msg->body_len, err,
		    sizeof(err));
		break;
	case BODY_FORM:
		json = form_parse(r->arena, r->msg->body, r->msg->body_len, err,
		    sizeof(err));
		break;
	case BODY_PARTS:
		json = form_parse_multipart(r->arena,
		    form_boundary(r->arena,
			http_header(r->msg, "content-type")),
		    r->msg->body, r->msg->body_len, err, sizeof(err));
		break;
	case BODY_UNKNOWN:
		(void)fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Send the body as %s%s.",
		    r->op->merge_patch ? "application/merge-patch+json" :
					 "application/json",
		    r->op->form ? " or application/x-www-form-urlencoded" : "");
		return (NULL);
	}
	if (json == NULL) {
		(void)fail(r,
		    body_kind(r) == BODY_JSON ? PROBLEM_INVALID_JSON :
						PROBLEM_INVALID_FORM,
		    "%s", err);
		return (NULL);
	}
	arena_defer(r->arena, decref, json);
	r->body = r->msg->body;
	if (body_kind(r) != BODY_JSON) {
		schema_read_form(r->op->body, json);
		text = json_dumps(json, JSON_COMPACT);
		r->body = arena_strdup(r->arena, text);
		free(text);
	}
	return (json);
}

static enum body_kind
body_kind(const struct request *r)
{
	const char *type = http_header(r->msg, "content-type");

	if (type == NULL)
		return (BODY_UNKNOWN);
	if (media_type_is(type, "application/json") ||
	    (r->op->merge_patch &&
		media_type_is(type, "application/merge-patch+json")))
		return (BODY_JSON);
	if (r->op->form &&
	    media_type_is(type, "application/x-www-form-urlencoded"))
		return (BODY_FORM);
	if (r->op->multipart && media_type_is(type, "multipart/form-data") &&
	    form_boundary(r->arena, type) != NULL)
		return (BODY_PARTS);
	return (BODY_UNKNOWN);
}

static void
decref(void *json)
{
	json_decref(json);
}

static bool
take_argument(struct request *r, const char *name, const char *value)
{
	size_t i;

	for (i = 0; i < r->op->nparams; i++)
		if (r->op->params[i].in == IN_QUERY &&
		    strcmp(r->op->params[i].name, name) == 0)
			break;
	if (i == r->op->nparams) {
		fail_at(r, "parameter", name, "unknown",
		    "The operation has no such parameter.");
		return (false);
	}
	if (r->args[i] != NULL || (strcmp(name, "cursor") == 0)) {
		fail_at(r, "parameter", name, "repeated",
		    "Give a parameter once; lists are comma separated.");
		return (false);
	}
	return (check_argument(r, i, value));
}

static bool
check_argument(struct request *r, size_t i, const char *value)
{
	struct schema_faults faults = { .arena = r->arena };
	size_t		     k;

	if (schema_check_text(r->op->params[i].schema, value, &faults,
		&r->args[i]) == 0)
		return (true);
	for (k = 0; k < faults.count && k < SCHEMA_FAULTS_MAX; k++)
		fail_at(r, "parameter", r->op->params[i].name,
		    faults.fault[k].code, faults.fault[k].detail);
	r->args[i] = ""; /* seen: a repetition is a fault of its own */
	return (false);
}

static bool
read_cursor(struct request *r, const char *cursor)
{
	if (cursor_decode(r->arena, r->cursor_context, cursor, r->keys,
		r->op->ncursor) == -1) {
		fail_at(r, "parameter", "cursor", "invalid",
		    "Start again without it.");
		return (fail(r, PROBLEM_INVALID_CURSOR,
		    "The cursor was "
		    "altered, or belongs to another caller, list or "
		    "filter."));
	}
	r->after = true;
	return (true);
}

/* Operation, caller, parent and filters; limit may change on the way. */
static const char *
cursor_context(struct request *r)
{
	const char *context;
	size_t	    i;

	context = arena_printf(r->arena, "%s\n%s:%s", r->op->id,
	    caller_kind_name(r->caller.kind), r->caller.id);
	for (i = 0; i < r->op->nparams; i++)
		if (r->args[i] != NULL && i != r->op->limit_param)
			context = arena_printf(r->arena, "%s\n%zu %zu %s",
			    context, i, strlen(r->args[i]), r->args[i]);
	return (context);
}
