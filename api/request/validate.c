/*
 * What a request must look like, from the document: path and headers. Every
 * fault found at one place is reported together.
 */
#include <string.h>
#include <strings.h>

#include "accept.h"
#include "builder.h"
#include "etag.h"
#include "fail.h"
#include "http_headers.h"
#include "media_type.h"
#include "request.h"
#include "validate.h"

static bool read_type(struct request *);
static bool refuse_type(struct request *);
static void name_type(struct request *, const char *);

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
	if (etag_match_array(r->arena, value, &r->if_match))
		return true;
	fail_at(r, "parameter", "If-Match", "format",
	    "Write the ETag as it was given, in double quotes, as \"5\"; "
	    "several with commas between them; or *.");
	return fail(r, PROBLEM_INVALID_PARAMETER,
	    "If-Match is not a list of entity tags.");
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
	r->type = r->op->any_type ? "application/octet-stream" : NULL;
	if (said == NULL || *said == '\0')
		return r->type != NULL || refuse_type(r);
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
	return r->type != NULL || refuse_type(r);
}

static bool
refuse_type(struct request *r)
{
	const char *types = r->op->type[0];
	size_t	    i;

	for (i = 1; i < r->op->ntypes; i++)
		types =
		    arena_printf(r->arena, "%s or %s", types, r->op->type[i]);
	return fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE, "Send the body as %s.",
	    types);
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
