/*
 * The problem catalogue, and what PostgreSQL's error states mean to a client.
 * Types are served as pages under /problems/ by the service itself.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "problem.h"
#include "request_settings.h"

static const struct problem_type types[PROBLEM_KINDS] = {
	[PROBLEM_BAD_REQUEST] = { 400, "bad-request", "Bad request",
	    "The message is not well-formed HTTP/1.1. The connection is "
	    "closed after the answer." },
	[PROBLEM_INVALID_JSON] = { 400, "invalid-json", "Invalid JSON",
	    "The body is not one JSON value: detail says what is wrong and "
	    "at which line, column and byte." },
	[PROBLEM_INVALID_FORM] = { 400, "invalid-form", "Invalid form",
	    "The body is not one HTML form "
	    "(application/x-www-form-urlencoded): detail says what is wrong "
	    "and at which byte." },
	[PROBLEM_INVALID_PARAMETER] = { 400, "invalid-parameter",
	    "Invalid parameter",
	    "A query parameter is unknown, repeated or "
	    "outside its schema, Accept is no list of media ranges, or "
	    "If-Match not one of quoted tags; errors names each, up to 20, "
	    "and errors_omitted says how many more there are." },
	[PROBLEM_INVALID_CURSOR] = { 400, "invalid-cursor", "Invalid cursor",
	    "The cursor was altered, or belongs to another caller, list or "
	    "filter. Start again without it." },
	[PROBLEM_INVALID_TOKEN] = { 401, "invalid-token",
	    "A valid access token is required",
	    "There is no bearer token, "
	    "or it is malformed, expired, for another audience or not signed "
	    "by a known key (RFC 6750, RFC 9068)." },
	[PROBLEM_CALLER_NOT_ALLOWED] = { 403, "caller-not-allowed",
	    "This kind of caller may not do that",
	    "The operation is for other kinds of callers, or for staff with "
	    "other roles; the document lists them as x-callers and "
	    "x-roles." },
	[PROBLEM_UNKNOWN_IDENTITY] = { 403, "unknown-identity",
	    "Nobody is linked to this sign-in",
	    "The token is good, and its issuer's subject is not, or no "
	    "longer, linked to anybody who may call. An administrator links "
	    "it, or a technical contact of the district." },
	[PROBLEM_INSUFFICIENT_SCOPE] = { 403, "insufficient-scope",
	    "The token lacks a scope",
	    "The token's scope does not hold the "
	    "one that the operation needs." },
	[PROBLEM_NOT_AUTHORIZED_CONTACT] = { 403, "not-an-authorized-contact",
	    "Not an Authorized Contact",
	    "Support is available for the Authorized Contacts of a district. "
	    "Everybody else is helped by the district's own technical "
	    "team." },
	[PROBLEM_CALLER_NOT_ACTIVE] = { 403, "caller-not-active",
	    "This account is not active",
	    "The staff member, partner or "
	    "telephony client of the token is not active any more, or who "
	    "acts (claim act) may not act for its subject." },
	[PROBLEM_NOT_PERMITTED] = { 403, "not-permitted",
	    "Not permitted for this caller",
	    "The caller may use the "
	    "operation, but not with this member, value or object." },
	[PROBLEM_CONTACT_NOT_VERIFIED] = { 403, "contact-not-verified",
	    "The caller is not verified",
	    "A case is started on the phone, or linked to a call, only when "
	    "the caller has been verified as an Authorized Contact of the "
	    "district." },
	[PROBLEM_NOT_THE_CONTACT] = { 403, "not-the-contact-on-the-case",
	    "Only the contact on the case decides on a change",
	    "A change is confirmed or rejected by the contact on the "
	    "case, logged in as themselves, and in nobody's name. "
	    "Nothing was decided." },
	[PROBLEM_NOT_FOUND] = { 404, "not-found", "Not found",
	    "There is no such resource, or it is not yours to see: both "
	    "are answered alike." },
	[PROBLEM_METHOD_NOT_ALLOWED] = { 405, "method-not-allowed",
	    "Method not allowed",
	    "The path exists, with the methods that "
	    "the Allow header lists." },
	[PROBLEM_NOT_ACCEPTABLE] = { 406, "not-acceptable", "Not acceptable",
	    "Accept excludes the media type of the answer." },
	[PROBLEM_REQUEST_TIMEOUT] = { 408, "request-timeout",
	    "The request took too long to arrive",
	    "Header and body each "
	    "have a time limit." },
	[PROBLEM_CONFLICT] = { 409, "conflict", "Conflict",
	    "The request does not fit the present state of the resource." },
	[PROBLEM_ALREADY_EXISTS] = { 409, "already-exists", "Already exists",
	    "Another resource has the value that must be unique." },
	[PROBLEM_ILLEGAL_TRANSITION] = { 409, "illegal-transition",
	    "The case cannot do that in its present state",
	    "allowed_transitions lists the states that this caller may move "
	    "the case to." },
	[PROBLEM_PRIORITY_FIXED] = { 409, "priority-fixed",
	    "The priority is fixed",
	    "Contacts and partners change the "
	    "priority until the first response." },
	[PROBLEM_REOPEN_WINDOW_EXPIRED] = { 409, "reopen-window-expired",
	    "The case can no longer be reopened",
	    "Contacts reopen within 60 "
	    "days; reopen_until says until when it was possible. Submit a "
	    "follow-up case instead." },
	[PROBLEM_IDEMPOTENCY_KEY_IN_USE] = { 409, "idempotency-key-in-use",
	    "The first request with this key is still being done",
	    "Send it again in a moment: its answer will be repeated." },
	[PROBLEM_ESCALATION_NOT_ALLOWED] = { 409, "escalation-not-allowed",
	    "The case cannot be escalated to this team",
	    "An escalation goes up the published path or stays at its level, "
	    "and to another team than the one that has the case." },
	[PROBLEM_DEFECT_NOT_QUALIFIED] = { 409, "defect-not-qualified",
	    "The defect has not been tested enough to be confirmed",
	    "Replicate it in at least two environments, with at least one "
	    "reproduction; missing says which of them is lacking." },
	[PROBLEM_NOT_VERIFIED] = { 409, "not-verified",
	    "The change is not confirmed in writing",
	    "A change is performed after the contact on the case has "
	    "confirmed it in a note that quotes its reference." },
	[PROBLEM_SITE_PERMISSION_REQUIRED] = { 409, "site-permission-required",
	    "No permission for this site",
	    "Tests and changes need a live permission of the district, on "
	    "the same case, for the same site and of the same scope." },
	[PROBLEM_FERPA_TRAINING_REQUIRED] = { 409, "ferpa-training-required",
	    "FERPA training is required",
	    "Sites are accessed by staff with FERPA training on record." },
	[PROBLEM_SURVEY_ALREADY_ANSWERED] = { 409, "survey-already-answered",
	    "The survey has been answered",
	    "An invitation takes one response." },
	[PROBLEM_ALREADY_REVIEWED] = { 409, "already-reviewed",
	    "The response has been reviewed",
	    "A survey response is reviewed once; the review stands." },
	[PROBLEM_LAST_ADMINISTRATOR] = { 409, "last-administrator",
	    "The last administrator stays one",
	    "Somebody is left always who can sign in as an administrator." },
	[PROBLEM_ATTACHMENTS_FULL] = { 409, "attachments-full",
	    "The case has no room for the attachment",
	    "The attachments of a case, as far as the same people see them, "
	    "are limited in sum: limit_bytes, of which used_bytes are taken "
	    "and size_bytes were sent." },
	[PROBLEM_SURVEY_EXPIRED] = { 410, "survey-expired",
	    "The survey has closed",
	    "A survey can be answered within 30 days of its invitation." },
	[PROBLEM_ATTACHMENT_REDACTED] = { 410, "attachment-redacted",
	    "The attachment was redacted",
	    "Its bytes and its name are gone for good; the attachment itself "
	    "says when, by whom and why." },
	[PROBLEM_PRECONDITION_FAILED] = { 412, "precondition-failed",
	    "The resource has changed",
	    "If-Match does not name the present "
	    "ETag. Read the resource again and decide anew." },
	[PROBLEM_CONTENT_TOO_LARGE] = { 413, "content-too-large",
	    "The body is too large",
	    "limit_bytes says how many bytes there may be." },
	[PROBLEM_URI_TOO_LONG] = { 414, "uri-too-long", "The URI is too long",
	    "detail says the limit." },
	[PROBLEM_UNSUPPORTED_MEDIA_TYPE] = { 415, "unsupported-media-type",
	    "Unsupported media type",
	    "The body's Content-Type is not one "
	    "that the operation takes." },
	[PROBLEM_EXPECTATION_FAILED] = { 417, "expectation-failed",
	    "Expectation failed", "Only Expect: 100-continue is met." },
	[PROBLEM_INVALID_REQUEST] = { 422, "invalid-request",
	    "The request does not fit the schema or a rule",
	    "errors lists each fault of the body with a JSON Pointer (RFC "
	    "6901), of a header with its name; with a code and a "
	    "sentence. It has 20 at most; errors_omitted says how many more "
	    "there are." },
	[PROBLEM_IDEMPOTENCY_KEY_REUSED] = { 422, "idempotency-key-reused",
	    "The key belongs to another request",
	    "An Idempotency-Key stands for one request. It is repeated "
	    "unchanged; another request has another key." },
	[PROBLEM_PRECONDITION_REQUIRED] = { 428, "precondition-required",
	    "If-Match is required",
	    "Send the ETag that you have read, so "
	    "that no change of somebody else is lost." },
	[PROBLEM_RATE_LIMITED] = { 429, "rate-limited", "Too many requests",
	    "The quota of this caller is used up; Retry-After says for how "
	    "long." },
	[PROBLEM_TOO_MANY_BAD_TOKENS] = { 429, "too-many-bad-tokens",
	    "Too many bad tokens",
	    "So many tokens from this address were wrong that no further one "
	    "is looked at for Retry-After seconds. Tokens that were accepted "
	    "before go on being accepted." },
	[PROBLEM_TOO_MANY_AT_ONCE] = { 429, "too-many-at-once",
	    "Too many requests at once",
	    "So many requests of this caller wait for the database, or so "
	    "many bytes of its files are on their way, that one more would be "
	    "at the cost of others; nothing was done. Send it when they are "
	    "answered." },
	[PROBLEM_HEADERS_TOO_LARGE] = { 431, "headers-too-large",
	    "The header block is too large",
	    "detail says the limit: of bytes, of lines, or of the members of "
	    "a list such as If-Match." },
	[PROBLEM_INTERNAL] = { 500, "internal", "Internal error",
	    "A fault of the service. Report the request_id." },
	[PROBLEM_NOT_IMPLEMENTED] = { 501, "not-implemented", "Not implemented",
	    "The method or transfer coding is not known "
	    "here." },
	[PROBLEM_UNAVAILABLE] = { 503, "unavailable", "Temporarily unavailable",
	    "The database cannot be reached or is "
	    "too busy. Try again after Retry-After seconds; a write may or "
	    "may not have happened." },
	[PROBLEM_VERSION_NOT_SUPPORTED] = { 505, "version-not-supported",
	    "HTTP version not supported", "Use HTTP/1.1." },
};

/* The first prefix counts; a state that is not here is our own fault. */
static const struct {
	const char	 *state;
	enum problem_kind kind;
} states[] = {
	{ "CW200", PROBLEM_UNAVAILABLE }, /* a kept answer was not read */
	{ "CW", PROBLEM_NONE }, { "08", PROBLEM_UNAVAILABLE }, /* connection */
	{ "53", PROBLEM_UNAVAILABLE },	   /* out of resources */
	{ "57", PROBLEM_UNAVAILABLE },	   /* time-out, shutdown */
	{ "55P03", PROBLEM_UNAVAILABLE },  /* lock_timeout */
	{ "26", PROBLEM_UNAVAILABLE },	   /* was not prepared after all */
	{ "25006", PROBLEM_UNAVAILABLE },  /* read only: failing over */
	{ "40", PROBLEM_UNAVAILABLE },	   /* after the retries */
	{ "22", PROBLEM_INVALID_REQUEST }, /* value out of range */
	{ "23505", PROBLEM_ALREADY_EXISTS },
	{ "23503", PROBLEM_CONFLICT },	    /* what it refers to has gone */
	{ "23P01", PROBLEM_CONFLICT },	    /* exclusion */
	{ "42501", PROBLEM_NOT_PERMITTED }, /* grants, policies */
};

const struct problem_type *
problem_type(enum problem_kind kind)
{
	return &types[kind];
}

enum problem_kind
problem_of_slug(const char *slug)
{
	int i;

	for (i = PROBLEM_NONE + 1; i < PROBLEM_KINDS; i++)
		if (strcmp(types[i].slug, slug) == 0)
			return (enum problem_kind)i;
	return PROBLEM_NONE;
}

enum problem_kind
problem_of_status(int status)
{
	int i;

	for (i = PROBLEM_NONE + 1; i < PROBLEM_KINDS; i++)
		if (types[i].status == status)
			return (enum problem_kind)i;
	return PROBLEM_INTERNAL;
}

enum problem_kind
problem_of_sqlstate(const char *sqlstate)
{
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (strncmp(sqlstate, states[i].state,
			strlen(states[i].state)) == 0)
			return states[i].kind;
	return PROBLEM_INTERNAL;
}

void
problem_copy(struct arena *arena, struct problem *to, const struct problem *p)
{
	*to = *p;
	if (p->detail != NULL)
		to->detail = arena_strdup(arena, p->detail);
	to->errors = (struct builder){ .arena = arena };
	builder_add_bytes(&to->errors, builder_text(&p->errors), p->errors.len);
	if (p->extra != NULL)
		to->extra = arena_strdup(arena, p->extra);
}

const char *
problem_json(struct arena *arena, const struct problem *p, const char *instance,
    const char *request_id, const char *trace_id, size_t *len)
{
	const struct problem_type *t = &types[p->kind];
	struct builder		   json = { .arena = arena };

	builder_printf(&json,
	    "{\"type\":\"%s/problems/%s\","
	    "\"title\":\"%s\",\"status\":%d,\"detail\":%s,"
	    "\"instance\":%s,\"request_id\":\"%s\",\"trace_id\":\"%s\"",
	    request_settings->public_url, t->slug, t->title, t->status,
	    json_quote(arena, p->detail == NULL ? t->meaning : p->detail),
	    json_quote(arena, instance), request_id, trace_id);
	if (p->nerrors > 0)
		builder_printf(&json, ",\"errors\":[%s]",
		    builder_text(&p->errors));
	if (p->nerrors > PROBLEM_ERRORS_MAX)
		builder_printf(&json, ",\"errors_omitted\":%zu",
		    p->nerrors - PROBLEM_ERRORS_MAX);
	if (p->extra != NULL)
		builder_printf(&json, ",%s", p->extra);
	builder_add(&json, "}");
	*len = json.len;
	return builder_text(&json);
}
