/*
 * The body of a request: JSON or a form against its schema, or bytes; and the
 * Idempotency-Key, whose fingerprint counts the body in.
 */
#include <stdlib.h>
#include <string.h>

#include "body.h"
#include "fail.h"
#include "form.h"
#include "http_headers.h"
#include "idempotency.h"
#include "json.h"
#include "media_type.h"
#include "request.h"
#include "stream.h"

#define PARTS_MAX (4 + 2 * OPERATION_PARAMS_MAX)

/* None is the same as {}. */
enum body_kind { BODY_NONE, BODY_UNKNOWN, BODY_JSON, BODY_FORM, BODY_PARTS };

static bool    says_nothing(const struct request *);
static bool    read_bytes(struct request *);
static json_t *parse_body(struct request *);
static void    take_body(struct request *, json_t *, bool);
static void    write_body(struct request *, const json_t *);
static void    refuse_body(struct request *, enum body_kind, const char *);
static void    show_again(struct request *, const char *);
static enum body_kind	       body_kind(const struct request *);
static void		       decref(void *);
static struct idempotency_part part(const char *);

bool
request_read_body(struct request *r)
{
	struct schema_faults faults = { .arena = r->arena };
	json_t		    *json;
	size_t		     found;

	if (r->stream != NULL)
		return true; /* it has passed by */
	if (r->op->raw)
		return read_bytes(r);
	if (r->op->body == NULL)
		return says_nothing(r) ||
		    fail(r, PROBLEM_BAD_REQUEST, "%s takes no body but {}.",
			r->op->id);
	json = parse_body(r);
	if (json == NULL)
		return r->faults != NULL;
	r->json = json;
	found = schema_check(r->op->body, json, &faults);
	if (found == 0) {
		if (faults.reworded)
			write_body(r, json);
		return true;
	}
	fail_schema(r, "pointer", NULL, &faults, found);
	/* A person gets the form back, with what is wrong beside it. */
	if (r->html && r->op->takes_faults) {
		r->faults = arena_printf(r->arena, "[%s]",
		    builder_text(&r->problem.errors));
		r->problem = (struct problem){ 0 };
		return true;
	}
	return fail(r, PROBLEM_INVALID_REQUEST,
	    "The body does not fit the schema of %s.", r->op->id);
}

/* Nothing, {} or null, of any type or none: many clients always send a body. */
static bool
says_nothing(const struct request *r)
{
	static const char space[] = " \t\r\n";
	const char	 *p = r->msg->body;

	if (r->msg->body_len == 0)
		return true;
	p += strspn(p, space);
	if (strncmp(p, "null", 4) == 0)
		p += 4;
	else if (*p == '{') {
		p += 1 + strspn(p + 1, space);
		if (*p++ != '}')
			return false;
	}
	p += strspn(p, space);
	return p == r->msg->body + r->msg->body_len;
}

static bool
read_bytes(struct request *r)
{
	if (r->msg->body_len == 0)
		return fail(r, PROBLEM_INVALID_REQUEST, "The body is empty.");
	r->body = r->msg->body;
	r->body_len = r->msg->body_len;
	return true;
}

/* Reads a body of a type that the operation takes; sets r->body, its JSON. */
static json_t *
parse_body(struct request *r)
{
	const enum body_kind kind = body_kind(r);
	char		     err[256];
	json_t		    *json = NULL;
	bool		     respelled = true;

	if (kind == BODY_NONE) {
		json = json_object();
		arena_defer(r->arena, decref, json);
		r->body = "{}";
		return json;
	}
	if (http_header(r->msg, "content-encoding") != NULL) {
		(void)fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Send the body without a Content-Encoding.");
		return NULL;
	}
	switch (kind) {
	case BODY_JSON:
		json = json_parse_body(r->msg->body, r->msg->body_len,
		    &respelled, err, sizeof(err));
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
	case BODY_NONE:
	case BODY_UNKNOWN:
		(void)fail(r, PROBLEM_UNSUPPORTED_MEDIA_TYPE,
		    "Send the body as %s%s, in UTF-8.",
		    r->op->merge_patch ? "application/merge-patch+json" :
					 "application/json",
		    r->op->form ? " or application/x-www-form-urlencoded" : "");
		return NULL;
	}
	if (json == NULL) {
		refuse_body(r, kind, err);
		return NULL;
	}
	if (kind != BODY_JSON)
		schema_read_form(r->op->body, json);
	take_body(r, json, respelled);
	return json;
}

/* PostgreSQL gets the text as it came, where it reads that as we do. */
static void
take_body(struct request *r, json_t *json, bool respelled)
{
	arena_defer(r->arena, decref, json);
	r->body = r->msg->body;
	if (!respelled)
		return;
	write_body(r, json);
}

static void
write_body(struct request *r, const json_t *json)
{
	char *text = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);

	r->body = arena_strdup(r->arena, text);
	free(text);
}

static void
refuse_body(struct request *r, enum body_kind kind, const char *why)
{
	if (kind != BODY_JSON && r->html && r->op->takes_faults)
		show_again(r, why);
	else
		(void)fail(r,
		    kind == BODY_JSON ? PROBLEM_INVALID_JSON :
					PROBLEM_INVALID_FORM,
		    "%s", why);
}

/* A person gets the form back, with all that was entered and what is wrong. */
static void
show_again(struct request *r, const char *why)
{
	const char *wrong;

	take_body(r,
	    form_entered(r->arena, r->msg->body, r->msg->body_len, &wrong),
	    true);
	r->faults = arena_printf(r->arena,
	    "[{\"pointer\":%s,\"code\":\"form\",\"detail\":%s}]",
	    json_quote(r->arena,
		wrong == NULL ? "" : arena_printf(r->arena, "/%s", wrong)),
	    json_quote(r->arena, why));
}

static enum body_kind
body_kind(const struct request *r)
{
	const char *type = http_header(r->msg, "content-type");

	if (r->msg->body_len == 0 || (type == NULL && says_nothing(r)))
		return BODY_NONE;
	if (type == NULL)
		return BODY_UNKNOWN;
	if (media_type_is(type, "application/json") ||
	    (r->op->merge_patch &&
		media_type_is(type, "application/merge-patch+json")))
		return says_nothing(r) ? BODY_NONE : BODY_JSON;
	if (r->op->form &&
	    media_type_is(type, "application/x-www-form-urlencoded"))
		return BODY_FORM;
	if (r->op->multipart && media_type_is(type, "multipart/form-data") &&
	    form_boundary(r->arena, type) != NULL)
		return BODY_PARTS;
	return BODY_UNKNOWN;
}

static void
decref(void *json)
{
	json_decref(json);
}

/*
 * The fingerprint is of what is asked, and for whom, and not of how it is
 * written: of JSON, its members in their order; of bytes, also what they are
 * and are called. Not of If-Match: a repetition is the same request even when
 * it names a newer version.
 */
bool
request_read_key(struct request *r)
{
	struct idempotency_part parts[PARTS_MAX];
	size_t			n = 0, i;
	char		       *json = NULL;

	if (!r->op->takes_key || r->args[r->op->key_param] == NULL)
		return true;
	r->key = r->args[r->op->key_param];
	parts[n++] = part(r->op->id);
	parts[n++] = part(r->caller.actor);
	if (r->stated_type != NULL)
		parts[n++] = part(r->stated_type);
	for (i = 0; i < r->op->nparams; i++) {
		if (i == r->op->key_param || r->args[i] == NULL)
			continue;
		parts[n++] = part(r->op->params[i].name);
		parts[n++] = part(r->args[i]);
	}
	if (r->json != NULL)
		json = json_dumps(r->json, JSON_COMPACT | JSON_SORT_KEYS);
	if (json != NULL)
		parts[n++] = part(json);
	else if (r->stream != NULL)
		parts[n++] = part(r->stream->sha256_hex);
	else if (r->op->raw)
		parts[n++] =
		    (struct idempotency_part){ r->msg->body, r->msg->body_len };
	r->fingerprint = idempotency_fingerprint(r->arena, parts, n);
	free(json);
	return true;
}

static struct idempotency_part
part(const char *text)
{
	return (struct idempotency_part){ text, strlen(text) };
}
