/*
 * Who is calling, by the bearer token (RFC 6750), and whether the operation is
 * for such a caller. What a caller sees is PostgreSQL's to say.
 */
#include <string.h>
#include <strings.h>

#include "admit.h"
#include "fail.h"
#include "http_headers.h"
#include "request.h"
#include "source.h"
#include "wall_clock.h"

/* Fact 14, as rules.words_for_outsiders says it. */
static const char words_for_outsiders[] =
    "If you need technical support and are not an Authorized Contact, please "
    "reach out to your district's Infinite Campus technical team.";

static bool		 read_token(struct request *, const char *);
static enum problem_kind problem_of(const char *);

bool
request_admit(struct request *r)
{
	const char *header =
	    r->op->open ? NULL : http_header(r->msg, "authorization");

	if (header != NULL)
		return read_token(r, header) &&
		    (r->unidentified || request_may_call(r));
	if (!(r->op->callers & 1U << CALLER_PUBLIC))
		return request_refuse_token(r,
		    "Send an access token: Authorization: Bearer <token>.");
	r->caller.kind = CALLER_PUBLIC;
	r->known = true;
	return true;
}

static bool
read_token(struct request *r, const char *header)
{
	const struct caller *caller;
	struct auth_try	     try;
	const char	    *why;

	if (strncasecmp(header, "bearer ", 7) != 0)
		return request_refuse_token(r,
		    "The authorization scheme is Bearer.");
	try = request_try(r);
	caller = auth_verify(&try, &why);
	if (caller == NULL && problem_of(why) == PROBLEM_INVALID_TOKEN)
		return request_refuse_token(r, why);
	if (caller == NULL)
		return fail(r, problem_of(why), "%s", why);
	r->caller = *caller;
	r->unidentified = caller->kind == CALLER_KINDS;
	if (r->unidentified)
		r->caller.kind = CALLER_PUBLIC;
	r->known = !r->unidentified;
	return true;
}

bool
request_refuse_token(struct request *r, const char *why)
{
	return fail(r, PROBLEM_INVALID_TOKEN, "%s %s", why,
	    words_for_outsiders);
}

static enum problem_kind
problem_of(const char *why)
{
	return why == auth_busy ? PROBLEM_TOO_MANY_BAD_TOKENS :
	    why == auth_wait	? PROBLEM_UNAVAILABLE :
				  PROBLEM_INVALID_TOKEN;
}

struct auth_try
request_try(const struct request *r)
{
	const char *token = http_header(r->msg, "authorization");

	token += strlen("bearer ");
	token += strspn(token, " ");
	return (struct auth_try){ .token = token,
		.len = strlen(token),
		.source = source_of(r),
		.now = (int64_t)wall_clock_seconds(),
		.at = r->started };
}

bool
request_may_call(struct request *r)
{
	const struct caller *caller = &r->caller;

	r->known = true;
	if (!(r->op->callers & 1U << caller->kind)) {
		if (!(r->op->callers & 1U << CALLER_PUBLIC))
			return fail(r, PROBLEM_CALLER_NOT_ALLOWED,
			    "%s is not for a caller of kind %s.", r->op->id,
			    caller_kind_name(caller->kind));
		/* As anybody reads it, a former contact does (facts 14, 68). */
		r->caller = (struct caller){ .kind = CALLER_PUBLIC };
		return true;
	}
	if ((caller->scopes & r->op->scope_bit) != r->op->scope_bit)
		return fail(r, PROBLEM_INSUFFICIENT_SCOPE,
		    "%s needs the scope %s.", r->op->id, r->op->scope);
	return true;
}
