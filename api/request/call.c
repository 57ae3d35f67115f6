/*
 * What a request sends to the database: its statements in the variants that
 * fit, and where their parameters come from.
 */
#include <string.h>

#include "call.h"
#include "operation_bind.h"
#include "request.h"

static void	   fill_begin(struct request *);
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
	v = statement_variant(binding->statement, present, r->arena);
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
	call->pool = r->op->pool;
	call->arg = r;
}

/* The one case of a second round trip: for an answer that was given before. */
void
request_fill_replay(struct request *r)
{
	struct db_call *call = &r->call;

	r->replayed = true;
	fill_begin(r);
	call->statement =
	    &statement_variant(operation_replay(), STATEMENT_ALL, r->arena)
		 ->query;
	call->params[0] = r->key;
	call->bytes = -1;
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
	v = statement_variant(begin, present, r->arena);
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
		return r->caller.actor;
	if (strcmp(name, "expires") == 0)
		return r->caller.until;
	if (strcmp(name, "proof") == 0)
		return r->caller.proof;
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
