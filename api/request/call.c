/*
 * What a request sends to the database: its statements in the variants that
 * fit, and where their parameters come from; and what becomes of the result.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "call.h"
#include "conditional.h"
#include "connection_input.h"
#include "fail.h"
#include "identity.h"
#include "monotonic.h"
#include "operation_bind.h"
#include "public_cache.h"
#include "receive.h"
#include "request.h"
#include "request_settings.h"
#include "slow.h"
#include "source.h"
#include "stream.h"
#include "variant.h"

#define ATTEMPTS_MAX 4 /* of a transaction that must be repeated */

static void (*go_on)(struct request *);

static bool		     is_dropped(const struct request *);
static void		     sent(struct db_call *);
static void		     done(struct db_call *, PGresult *);
static bool		     is_to_repeat(struct request *, const PGresult *);
static bool		     has_state(const PGresult *, const char *);
static void		     fill_replay(struct request *);
static void		     call_as(struct request *);
static void		     fill_begin(struct request *);
static const struct variant *take(struct request *, size_t,
    const struct statement *, struct statement_set);
static const char *begin_argument(const struct request *, const char *);
static const char *argument(const struct request *, const struct source *);

void
request_start_calls(void (*how)(struct request *))
{
	go_on = how;
}

void
request_fill_call(struct request *r, const struct binding *binding)
{
	struct db_call	     *call = &r->call;
	const struct variant *v;
	const struct source  *source;
	struct statement_set  present = statement_set_none();
	size_t		      i;

	fill_begin(r);
	for (i = 0; i < binding->statement->nparams; i++)
		if (argument(r, &binding->source[i]) != NULL)
			statement_set_add(&present, i);
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
	call_as(r);
	call->pool = slow_pool(r);
	call->writes = r->op->method != HTTP_GET;
}

void
request_fill_district(struct request *r)
{
	struct db_call *call = &r->call;

	r->asks_district = true;
	fill_begin(r);
	call->statement =
	    &take(r, 1, operation_district(), statement_set_all())->query;
	call->bytes = -1;
	call_as(r);
	call->pool = DB_READ;
	call->writes = false;
}

void
request_fill_identify(struct request *r)
{
	struct db_call	       *call = &r->call;
	const struct statement *s = operation_identify();
	const struct variant   *v;
	size_t			i;

	r->asks_identity = true;
	fill_begin(r);
	v = take(r, 1, s, statement_set_all());
	call->statement = &v->query;
	for (i = 0; i < (size_t)v->query.nparams; i++)
		call->params[i] = identity_argument(r, s->params[v->params[i]]);
	call->bytes = -1;
	call_as(r);
	call->pool = DB_WRITE; /* an address may be linked */
	call->writes = true;
}

/* Whose it is, and whose share it takes. */
static void
call_as(struct request *r)
{
	struct db_call *call = &r->call;

	call->kind = r->caller.kind;
	if (r->caller.kind == CALLER_PUBLIC)
		snprintf(call->key, sizeof(call->key), "%s", source_of(r));
	else
		caller_key(&r->caller, call->key);
	call->arg = r;
}

bool
request_send_call(struct request *r)
{
	r->call.sent = sent;
	r->call.done = done;
	r->db_started = monotonic_us();
	switch (db_send(&r->call)) {
	case DB_SENT:
		r->in_flight = true;
		return true;
	case DB_GONE:
		return fail(r, PROBLEM_UNAVAILABLE,
		    "The database cannot be reached.");
	case DB_BUSY:
		return fail(r, PROBLEM_UNAVAILABLE,
		    "The database is too busy; nothing was done.");
	case DB_SHARE:
		return fail(r, PROBLEM_TOO_MANY_AT_ONCE, NULL);
	}
	return false;
}

/* Of large bytes libpq has a copy. JSON is small enough to be sent again. */
static bool
is_dropped(const struct request *r)
{
	return r->op->raw && r->stream == NULL && r->hold.bytes != 0;
}

static void
sent(struct db_call *call)
{
	struct request *r = call->arg;

	if (!is_dropped(r))
		return;
	r->body = NULL;
	connection_drop_body(r->client);
}

static void
done(struct db_call *call, PGresult *res)
{
	struct request *r = call->arg;
	bool		again;

	assert(r->magic == REQUEST_MAGIC && r->in_flight);
	r->in_flight = false;
	r->db_us += monotonic_us() - r->db_started;
	if (r->client == NULL) {
		PQclear(res);
		go_on(r);
		return;
	}
	again = is_to_repeat(r, res);
	slow_done(r);
	if (again && ++r->attempts < ATTEMPTS_MAX) {
		PQclear(res);
		if (!request_send_call(r))
			go_on(r);
		return;
	}
	if (call->crowded_out)
		(void)fail(r, PROBLEM_TOO_MANY_AT_ONCE, NULL);
	else if (call->late)
		(void)fail(r, PROBLEM_UNAVAILABLE,
		    "It was not its turn in time; nothing was done.");
	else if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK) {
		request_read_error(r, res);
		identity_refused(r);
		PQclear(res);
	} else if (r->stream != NULL && r->stream->asking) {
		stream_learn(r, res);
		PQclear(res);
	} else if (r->asks_identity) {
		identity_learn(r, res);
		PQclear(res);
	} else if (r->asks_district) {
		r->asks_district = false;
		request_learn_district(r, res);
		PQclear(res);
	} else if (request_read_result(r, res)) {
		public_cache_keep(r);
		(void)request_not_modified(r);
	}
	r->asks_identity = false;
	go_on(r);
}

/* What it is to send then is in r->call. */
static bool
is_to_repeat(struct request *r, const PGresult *res)
{
	if (has_state(res, "CW200")) { /* the key has an answer */
		fill_replay(r);
		return true;
	}
	/* It took longer than others may have to wait for. */
	if (has_state(res, "57014") && r->call.pool == DB_READ) {
		slow_found(r);
		return true;
	}
	/* Serialization failures and deadlocks are rolled back; and nothing
	   began where a call in front failed to prepare the statement. */
	return !is_dropped(r) &&
	    (has_state(res, "40001") || has_state(res, "40P01") ||
		has_state(res, "26000"));
}

static bool
has_state(const PGresult *res, const char *sqlstate)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, sqlstate) == 0;
}

/* The one case of a second round trip: for an answer that was given before. */
static void
fill_replay(struct request *r)
{
	struct db_call *call = &r->call;

	r->replayed = true;
	fill_begin(r);
	call->statement =
	    &take(r, 1, operation_replay(), statement_set_all())->query;
	call->params[0] = r->key;
	call->bytes = -1;
}

void
request_forget_call(struct request *r)
{
	slow_done(r);
	variant_give(r->variants[0]);
	variant_give(r->variants[1]);
}

/* The request has it until the next one of that number, or its end. */
static const struct variant *
take(struct request *r, size_t number, const struct statement *s,
    struct statement_set present)
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
	struct statement_set  present = statement_set_none();
	size_t		      i;

	for (i = 0; i < begin->nparams; i++)
		if (begin_argument(r, begin->params[i]) != NULL)
			statement_set_add(&present, i);
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
	if (strcmp(name, "identity_id") == 0)
		return r->caller.identity[0] == '\0' ? NULL :
						       r->caller.identity;
	if (strcmp(name, "actor_identity_id") == 0)
		return r->caller.actor_identity[0] == '\0' ?
		    NULL :
		    r->caller.actor_identity;
	if (strcmp(name, "kid") == 0)
		return r->caller.kid;
	if (strcmp(name, "roles") == 0)
		return r->op->roles;
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
	case FROM_STATED:
		return r->stated_type;
	case FROM_LIMITS:
		return r->op->limits;
	case FROM_KNOWN:
		return r->known_etags;
	case FROM_PUBLIC_URL:
		return request_settings->public_url;
	case FROM_STATUS_URL:
		return request_settings->status_url;
	case FROM_STREAM:
	case FROM_PART:
	case FROM_SIZE:
	case FROM_DIGESTS:
		return stream_argument(r, source->kind);
	}
	return NULL;
}
