/*
 * Problem details (RFC 9457): one catalogue, one shape for every error that a
 * client can see.
 */
#ifndef CASEWORK_PROBLEM_H
#define CASEWORK_PROBLEM_H

#include <stddef.h>

#include "builder.h"

/* Nobody reads more faults of one request; the rest is counted. */
#define PROBLEM_ERRORS_MAX 20

enum problem_kind {
	PROBLEM_NONE,
	PROBLEM_BAD_REQUEST,
	PROBLEM_INVALID_JSON,
	PROBLEM_INVALID_FORM,
	PROBLEM_INVALID_PARAMETER,
	PROBLEM_INVALID_CURSOR,
	PROBLEM_INVALID_TOKEN,
	PROBLEM_CALLER_NOT_ALLOWED,
	PROBLEM_UNKNOWN_IDENTITY,
	PROBLEM_INSUFFICIENT_SCOPE,
	PROBLEM_NOT_AUTHORIZED_CONTACT,
	PROBLEM_CALLER_NOT_ACTIVE,
	PROBLEM_NOT_PERMITTED,
	PROBLEM_CONTACT_NOT_VERIFIED,
	PROBLEM_NOT_THE_CONTACT,
	PROBLEM_NOT_FOUND,
	PROBLEM_METHOD_NOT_ALLOWED,
	PROBLEM_NOT_ACCEPTABLE,
	PROBLEM_REQUEST_TIMEOUT,
	PROBLEM_CONFLICT,
	PROBLEM_ALREADY_EXISTS,
	PROBLEM_ILLEGAL_TRANSITION,
	PROBLEM_PRIORITY_FIXED,
	PROBLEM_REOPEN_WINDOW_EXPIRED,
	PROBLEM_IDEMPOTENCY_KEY_IN_USE,
	PROBLEM_ESCALATION_NOT_ALLOWED,
	PROBLEM_DEFECT_NOT_QUALIFIED,
	PROBLEM_NOT_VERIFIED,
	PROBLEM_SITE_PERMISSION_REQUIRED,
	PROBLEM_FERPA_TRAINING_REQUIRED,
	PROBLEM_SURVEY_ALREADY_ANSWERED,
	PROBLEM_ALREADY_REVIEWED,
	PROBLEM_LAST_ADMINISTRATOR,
	PROBLEM_ATTACHMENTS_FULL,
	PROBLEM_SURVEY_EXPIRED,
	PROBLEM_ATTACHMENT_REDACTED,
	PROBLEM_PRECONDITION_FAILED,
	PROBLEM_CONTENT_TOO_LARGE,
	PROBLEM_URI_TOO_LONG,
	PROBLEM_UNSUPPORTED_MEDIA_TYPE,
	PROBLEM_EXPECTATION_FAILED,
	PROBLEM_INVALID_REQUEST,
	PROBLEM_IDEMPOTENCY_KEY_REUSED,
	PROBLEM_PRECONDITION_REQUIRED,
	PROBLEM_RATE_LIMITED,
	PROBLEM_TOO_MANY_BAD_TOKENS,
	PROBLEM_TOO_MANY_AT_ONCE,
	PROBLEM_HEADERS_TOO_LARGE,
	PROBLEM_INTERNAL,
	PROBLEM_NOT_IMPLEMENTED,
	PROBLEM_UNAVAILABLE,
	PROBLEM_VERSION_NOT_SUPPORTED,
	PROBLEM_KINDS
};

struct problem_type {
	int	    status;
	const char *slug; /* last part of the type URI */
	const char *title;
	const char *meaning; /* the documented page */
};

struct problem {
	enum problem_kind kind;
	const char	 *detail;  /* plain text, in the arena */
	size_t		  nerrors; /* faults, listed or not */
	struct builder	  errors;  /* the first ones, JSON without brackets */
	const char	 *extra;   /* JSON members, or NULL */
};

const struct problem_type *problem_type(enum problem_kind);
/* By slug; PROBLEM_NONE if unknown. */
enum problem_kind problem_of_slug(const char *slug);
/* The kind that a refused message gets, by status. */
enum problem_kind problem_of_status(int status);
/*
 * The kind for an SQLSTATE of PostgreSQL; PROBLEM_NONE for class CW, whose
 * message is a slug.
 */
enum problem_kind problem_of_sqlstate(const char *sqlstate);
/* With its texts in that arena. */
void problem_copy(struct arena *, struct problem *, const struct problem *);
/* application/problem+json, in the arena. */
const char *problem_json(struct arena *, const struct problem *,
    const char *instance, const char *request_id, const char *trace_id,
    size_t *len);

#endif
