/*
 * What a request sends to the database: its statements in the variants that
 * fit, and where their parameters come from.
 */
#include <stdio.h>
#include <string.h>

#include "call.h"
#include "operation_bind.h"
#include "request.h"
#include "slow.h"
#include "source.h"
#include "variant.h"

static void		     fill_begin(struct request *);
static const struct variant *take(struct request *, size_t,
    const struct statement *, statement_set);
static const char *begin_argument(const struct request *, const char *);
static const char *argument(const struct request *, const struct source *);

void
request_fill_call(struct request *r)
{
	struct db_call	     *call = &r->call;
	const struct binding *binding = r->op->binding[r->caller.kind];
	const struct variant *v;
	const struct source  *source;
	statement_set	      present = 0;
	size_t		      i;

	fill_begin(r);
	for (i = 0; i < binding->statement->nparams; i++)
		if (argument(r, &binding->source[i]) != NULL)
			present |= STATEMENT_BIT(i);
	v = take(r, 1, binding->statement, present);
	call->statement = &v->query;
	call->bytes = -1;
	for (i = 0; i < (size_t)v->query.nparams; i++) {
		source = &binding->source[v->params[i]];
		call->params[i] = argument(r, source);
		if (r->op->raw && source->kind == FROM_BODY)
			call->bytes = (int)i;
	}
	call->bytes_len = r->body_len;
	call->binary_result = r->op->raw_answer;
	call->kind = r->caller.kind;
	if (r->caller.kind == CALLER_PUBLIC)
		snprintf(call->key, sizeof(call->key), "%s", source_of(r));
	else
		caller_key(&r->caller, call->key);
	call->pool = slow_pool(r);
	call->arg = r;
}

/* The one case of a second round trip: for an answer that was given before. */
void
request_fill_replay(struct request *r)
{
	struct db_call *call = &r->call;

	r->replayed = true;
	fill_begin(r);
	call->statement = &take(r, 1, operation_replay(), STATEMENT_ALL)->query;
	call->params[0] = r->key;
	call->bytes = -1;
}

void
request_forget_call(struct request *r)
{
	variant_give(r->variants[0]);
	variant_give(r->variants[1]);
}

/* The request has it until the next one of that number, or its end. */
static const struct variant *
take(struct request *r, size_t number, const struct statement *s,
    statement_set present)
{
	variant_give(r->variants[number]);
	r->variants[number] = variant_take(s, present, r->arena);
	return r->variants[number];
}

static void
fill_begin(struct request *r)
{
	struct db_call	     *call = &r->call;
	struct statement     *begin = operation_begin(r->caller.kind);
	const struct variant *v;
	statement_set	      present = 0;
	size_t		      i;

	for (i = 0; i < begin->nparams; i++)
		if (begin_argument(r, begin->params[i]) != NULL)
			present |= STATEMENT_BIT(i);
	v = take(r, 0, begin, present);
	call->begin = &v->query;
	for (i = 0; i < (size_t)v->query.nparams; i++)
		call->begin_params[i] =
		    begin_argument(r, begin->params[v->params[i]]);
}

/* The begin statements' parameters; operation_bind.c lists them. */
static const char *
begin_argument(const struct request *r, const char *name)
{
	if (strcmp(name, "caller_id") == 0)
		return r->caller.id;
	if (strcmp(name, "actor") == 0)
		return r->caller.actor[0] == '\0' ? NULL : r->caller.actor;
	/* The key of an answer that is being repeated is not taken again. */
	if (r->replayed)
		return NULL;
	return strcmp(name, "idempotency_key") == 0 ? r->key : r->fingerprint;
}

static const char *
argument(const struct request *r, const struct source *source)
{
	switch (source->kind) {
	case FROM_PARAMETER:
		return r->args[source->index];
	case FROM_BODY:
		return r->body;
	case FROM_IF_MATCH:
		return r->if_match;
	case FROM_CURSOR:
		return r->keys[source->index];
	case FROM_AFTER:
		return r->after ? "" : NULL;
	case FROM_MEDIA_TYPE:
		return r->html ? "text/html" : "application/json";
	case FROM_FAULTS:
		return r->faults;
	case FROM_TYPE:
		return r->type;
	case FROM_LIMITS:
		return r->op->limits;
	case FROM_KNOWN:
		return r->known_etags;
	}
	return NULL;
}
