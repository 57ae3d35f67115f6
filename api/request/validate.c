/*
 * What a request must look like, from the document: path, headers, query.
 * Every fault found at one place is reported together.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "accept.h"
#include "builder.h"
#include "etag.h"
#include "fail.h"
#include "http_headers.h"
#include "media_type.h"
#include "request.h"
#include "uri.h"
#include "validate.h"

/*
 * Behind so many parameters each one is a fault and is only counted: by then
 * errors[] is full of others that are unknown or repeated.
 */
#define QUERY_PAIRS_MAX 160
_Static_assert(QUERY_PAIRS_MAX > OPERATION_PARAMS_MAX + 1 + PROBLEM_ERRORS_MAX,
    "a query that is read in part has its faults");

static bool	   read_type(struct request *);
static void	   name_type(struct request *, const char *);
static bool	   refuse_encoding(struct request *, const char *);
static bool	   take_argument(struct request *, const char *, const char *);
static bool	   check_argument(struct request *, size_t, const char *);
static bool	   read_cursor(struct request *, const char *);
static const char *cursor_context(struct request *);

/* 404 for a value outside its schema: a path that cannot name a resource names
   none. */
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
			return fail(r, PROBLEM_NOT_FOUND, "%s: %s",
			    op->params[k].name, faults.fault[0].detail);
	}
	return true;
}

bool
request_read_headers(struct request *r)
{
	const char *value;

	if (!request_choose_type(r))
		return false;
	value = http_header_list(r->arena, r->msg, "if-none-match");
	if (r->op->raw_answer && r->msg->method == HTTP_HEAD)
		value = "*";
	if (r->op->raw_answer && value != NULL)
		r->known_etags = etag_none_match_array(r->arena, value);
	if (!r->op->needs_if_match)
		return true;
	value = http_header_list(r->arena, r->msg, "if-match");
	if (value == NULL)
		return fail(r, PROBLEM_PRECONDITION_REQUIRED,
		    "Send If-Match with the ETag of the resource as you "
		    "have read it.");
	r->if_match = etag_match_array(r->arena, value);
	return true;
}

bool
request_read_query(struct request *r)
{
	const char *query = r->msg->query, *pair, *name, *value;
	const char *cursor = NULL;
	bool	    ok = true;
	size_t	    i, pairs = 0;

	while ((pair = query) != NULL && pairs++ < QUERY_PAIRS_MAX &&
	    uri_next_pair(r->arena, &query, &name, &value)) {
		if (name == NULL || value == NULL)
			ok = refuse_encoding(r, pair);
		else if (r->op->ncursor > 0 && strcmp(name, "cursor") == 0 &&
		    cursor == NULL)
			cursor = value;
		else if (!take_argument(r, name, value))
			ok = false;
	}
	if (query != NULL)
		fail_more(r, uri_count_pairs(query));
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
		return fail(r, PROBLEM_INVALID_PARAMETER,
		    "A query parameter is not as the document says.");
	if (r->op->ncursor > 0)
		r->cursor_context = cursor_context(r);
	return cursor == NULL || read_cursor(r, cursor);
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
		return false;
	if (r->op->refuses_key &&
	    http_header(r->msg, "idempotency-key") != NULL) {
		fail_at(r, "parameter", "Idempotency-Key", "secret",
		    "The answer tells a secret: it is not kept and cannot be "
		    "repeated. Send the request without a key.");
		ok = false;
	}
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
	return ok ||
	    fail(r, PROBLEM_INVALID_REQUEST,
		"A header is not as the document says.");
}

/*
 * The type of a raw body: what the client says, and what the document calls it.
 * A form is no file, but one that a client has put around it.
 */
static bool
read_type(struct request *r)
{
	const char	 *said = http_header(r->msg, "content-type");
	struct media_type type;

	if (http_header(r->msg, "content-encoding") != NULL)
		return fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Send the body without a Content-Encoding.");
	r->type = "application/octet-stream";
	if (said == NULL || *said == '\0')
		return true;
	if (!media_type_read(said, &type))
		return fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Content-Type is no media type: write type/subtype, with "
		    "one charset or none.");
	if (strncmp(type.name, "multipart/", 10) == 0 ||
	    strcmp(type.name, "application/x-www-form-urlencoded") == 0)
		return fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Send the file itself as the body, not a form, and its own "
		    "type, such as application/pdf.");
	r->stated_type = arena_printf(r->arena, "%s%s%s", type.name,
	    *type.charset == '\0' ? "" : "; charset=", type.charset);
	name_type(r, media_type_registered(type.name));
	return true;
}

/* By its name in the document, if it is there. */
static void
name_type(struct request *r, const char *type)
{
	size_t i;

	for (i = 0; i < r->op->ntypes; i++)
		if (strcmp(type, r->op->type[i]) == 0)
			r->type = r->op->type[i];
}

/* The parameter is named as it was sent. */
static bool
refuse_encoding(struct request *r, const char *pair)
{
	pair += strspn(pair, "&");
	fail_at(r, "parameter",
	    arena_strndup(r->arena, pair, strcspn(pair, "=&")), "encoding",
	    "Write it as percent-encoded UTF-8 without control characters.");
	return false;
}

static bool
take_argument(struct request *r, const char *name, const char *value)
{
	const size_t i = operation_query_param(r->op, name);

	if (i == r->op->nparams) {
		fail_at(r, "parameter", name, "unknown",
		    "The operation has no such parameter.");
		return false;
	}
	if (r->args[i] != NULL || (strcmp(name, "cursor") == 0)) {
		fail_at(r, "parameter", name, "repeated",
		    "Give a parameter once; lists are comma separated.");
		return false;
	}
	return check_argument(r, i, value);
}

static bool
check_argument(struct request *r, size_t i, const char *value)
{
	struct schema_faults faults = { .arena = r->arena };
	size_t		     found;

	found = schema_check_text(r->op->params[i].schema, value, &faults,
	    &r->args[i]);
	if (found == 0)
		return true;
	fail_schema(r, "parameter", r->op->params[i].name, &faults, found);
	r->args[i] = ""; /* seen: a repetition is a fault of its own */
	return false;
}

static bool
read_cursor(struct request *r, const char *cursor)
{
	if (cursor_decode(r->arena, r->cursor_context, cursor, r->keys,
		r->op->ncursor) == -1) {
		fail_at(r, "parameter", "cursor", "invalid",
		    "Start again without it.");
		return fail(r, PROBLEM_INVALID_CURSOR,
		    "The cursor was "
		    "altered, or belongs to another caller, list or "
		    "filter.");
	}
	r->after = true;
	return true;
}

/* Operation, caller, parent and filters; limit may change on the way. */
static const char *
cursor_context(struct request *r)
{
	struct builder context = { .arena = r->arena };
	size_t	       i;

	builder_printf(&context, "%s\n%s:%s", r->op->id,
	    caller_kind_name(r->caller.kind), r->caller.id);
	for (i = 0; i < r->op->nparams; i++)
		if (r->args[i] != NULL && i != r->op->limit_param)
			builder_printf(&context, "\n%zu %zu %s", i,
			    strlen(r->args[i]), r->args[i]);
	return builder_text(&context);
}
