/*
 * While nobody knows who it is, a request stands as the public's: that is whose
 * connection it asks by, and whose share it takes.
 */
#include <string.h>

#include "admit.h"
#include "auth.h"
#include "auth_admission.h"
#include "auth_cache.h"
#include "call.h"
#include "fail.h"
#include "identity.h"
#include "rows.h"
#include "source.h"
#include "wall_clock.h"

struct question {
	struct auth_subject subject;
	char		    proof[QUERY_PROOF_MAX];
};

static bool take(const PGresult *, const char *, char *, size_t);

bool
identity_ask(struct request *r)
{
	struct question *q = arena_alloc(r->arena, sizeof(*q));
	struct auth_try	 try = request_try(r);

	/* The keys may have changed in this very moment. */
	if (!auth_subject_read(&try, &q->subject))
		return request_refuse_token(r,
		    "The token's key is no longer known.");
	auth_admission_identity(&q->subject, q->proof);
	r->question = q;
	request_fill_identify(r);
	return request_send_call(r);
}

const char *
identity_argument(const struct request *r, const char *name)
{
	const struct question *q = r->question;

	if (strcmp(name, "issuer_id") == 0)
		return q->subject.issuer_id;
	if (strcmp(name, "subject") == 0)
		return q->subject.subject;
	if (strcmp(name, "email") == 0)
		return *q->subject.email == '\0' ? NULL : q->subject.email;
	if (strcmp(name, "actor_subject") == 0)
		return *q->subject.actor == '\0' ? NULL : q->subject.actor;
	return strcmp(name, "proof") == 0 ? q->proof : NULL;
}

void
identity_learn(struct request *r, const PGresult *res)
{
	const char     *kind = rows_first(res, "kind");
	struct caller  *caller = &r->caller;
	struct auth_try try = request_try(r);

	caller->kind =
	    kind == NULL ? CALLER_KINDS : caller_kind_of(kind, strlen(kind));
	if (caller->kind == CALLER_KINDS ||
	    !take(res, "caller_id", caller->id, sizeof(caller->id)) ||
	    !take(res, "identity_id", caller->identity,
		sizeof(caller->identity))) {
		(void)fail(r, PROBLEM_INTERNAL, NULL);
		return;
	}
	(void)take(res, "actor", caller->actor, sizeof(caller->actor));
	(void)take(res, "actor_identity_id", caller->actor_identity,
	    sizeof(caller->actor_identity));
	auth_cache_learn(try.token, try.len, caller);
	r->unidentified = false;
	(void)request_may_call(r);
}

/* Whether the column has a value. */
static bool
take(const PGresult *res, const char *column, char *out, size_t size)
{
	const char *value = rows_first(res, column);

	snprintf(out, size, "%s", value == NULL ? "" : value);
	return value != NULL;
}

/* As anybody reads it, somebody unknown does. */
void
identity_refused(struct request *r)
{
	if (r->problem.kind != PROBLEM_UNKNOWN_IDENTITY)
		return;
	if (!r->unidentified) {
		struct auth_try	    try = request_try(r);
		const struct caller nobody = { .kind = CALLER_KINDS };

		auth_cache_learn(try.token, try.len, &nobody);
		return;
	}
	if (!(r->op->callers & 1U << CALLER_PUBLIC))
		return;
	r->problem = (struct problem){ 0 };
	r->caller = (struct caller){ .kind = CALLER_PUBLIC };
	r->unidentified = false;
}
