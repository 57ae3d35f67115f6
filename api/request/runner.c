/*
 * The life of a request: a table of named steps and one runner. A step says
 * NEXT, WAIT or REPLY; only query() and, for a large body, receive() wait.
 * Start reading here.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "admit.h"
#include "answer.h"
#include "body.h"
#include "budget.h"
#include "call.h"
#include "connection_input.h"
#include "fail.h"
#include "limit.h"
#include "monotonic.h"
#include "reply.h"
#include "request.h"
#include "route.h"
#include "runner.h"
#include "slow.h"
#include "trace.h"
#include "uri.h"
#include "validate.h"

enum verdict { NEXT, WAIT, REPLY };

static enum verdict route(struct request *);
static enum verdict size(struct request *);
static enum verdict authenticate(struct request *);
static enum verdict limit(struct request *);
static enum verdict validate(struct request *);
static enum verdict receive(struct request *);
static enum verdict read_body(struct request *);
static enum verdict hook(struct request *);
static enum verdict query(struct request *);

static const struct {
	const char *name;
	enum verdict (*run)(struct request *);
} steps[] = {
	{ "route", route },		  /* 400, 404, 405 */
	{ "size", size },		  /* 413 */
	{ "authenticate", authenticate }, /* 401, 403 */
	{ "limit", limit },		  /* 429 */
	{ "validate", validate },	  /* 400 406 415 422 428 */
	{ "receive", receive },		  /* waits for a large body; 503 */
	{ "body", read_body },		  /* 400 415 422 */
	{ "hook", hook },		  /* answers without SQL */
	{ "query", query },		  /* one round trip, one
						   transaction */
};

#define NSTEPS	     (sizeof(steps) / sizeof(steps[0]))
#define ATTEMPTS_MAX 3 /* of a transaction that must be repeated */

static struct request *start(struct client *, const struct http_message *);
static void	       refuse(struct client *, const struct http_fault *);
static void	       received(struct request *);
static void	       reject(struct request *, const struct http_fault *);
static void	       abandon(struct request *);
static struct request *request_new(struct client *,
    const struct http_message *);
static void	       run(struct request *);
static void	       release(struct request *);
static bool	       send_call(struct request *);
static void	       sent(struct db_call *);
static void	       done(struct db_call *, PGresult *);
static bool	       is_to_repeat(struct request *, const PGresult *);
static bool	       has_state(const PGresult *, const char *);
static bool	       too_large(struct request *);

const struct connection_handlers request_handlers = {
	.start = start,
	.refuse = refuse,
	.received = received,
	.reject = reject,
	.abandon = abandon,
};

static struct request *
start(struct client *client, const struct http_message *msg)
{
	struct request *r = request_new(client, msg);

	run(r);
	return r;
}

static void
refuse(struct client *client, const struct http_fault *fault)
{
	struct request *r = request_new(client, NULL);

	(void)fail(r, problem_of_status(fault->status), "%s", fault->detail);
	request_send(r);
	release(r);
}

static void
received(struct request *r)
{
	assert(r->magic == REQUEST_MAGIC && !r->in_flight);
	run(r);
}

static void
reject(struct request *r, const struct http_fault *fault)
{
	assert(r->magic == REQUEST_MAGIC && !r->in_flight);
	if (fault->status == 413)
		(void)too_large(r);
	else
		(void)fail(r, problem_of_status(fault->status), "%s",
		    fault->detail);
	request_send(r);
	release(r);
}

static void
abandon(struct request *r)
{
	assert(r->magic == REQUEST_MAGIC);
	r->client = NULL;
	r->msg = NULL;
	if (r->in_flight && !db_withdraw(&r->call))
		return; /* release() follows when the call is done */
	r->in_flight = false;
	request_log(r, 0);
	release(r);
}

static struct request *
request_new(struct client *client, const struct http_message *msg)
{
	struct arena   *arena = arena_new();
	struct request *r = arena_alloc(arena, sizeof(*r));

	r->magic = REQUEST_MAGIC;
	r->arena = arena;
	r->client = client;
	r->msg = msg;
	r->path = msg == NULL ? "" : msg->path;
	r->started = monotonic_us();
	request_identify(r);
	return r;
}

static void
run(struct request *r)
{
	enum verdict v = NEXT;

	while (v == NEXT && r->step < NSTEPS)
		v = steps[r->step++].run(r);
	if (v == WAIT)
		return;
	request_send(r);
	release(r);
}

static void
release(struct request *r)
{
	assert(r->magic == REQUEST_MAGIC && !r->in_flight);
	r->magic = 0;
	budget_give(r->held);
	slow_done(r);
	request_forget_call(r);
	arena_free(r->arena);
}

static enum verdict
route(struct request *r)
{
	const char	*segments[OPERATION_SEGMENTS_MAX];
	enum http_method method = r->msg->method;
	size_t		 n;

	if (method == HTTP_OPTIONS && strcmp(r->path, "*") == 0) {
		r->reply.status = 204;
		return REPLY;
	}
	if (!uri_split_path(r->arena, r->path, segments, OPERATION_SEGMENTS_MAX,
		&n)) {
		(void)fail(r, PROBLEM_NOT_FOUND,
		    "The service has no such path.");
		return REPLY;
	}
	r->op = route_match(method == HTTP_HEAD ? HTTP_GET : method, n,
	    segments, &r->allow);
	if (r->allow == 0) {
		(void)fail(r, PROBLEM_NOT_FOUND,
		    "The service has no such path.");
		return REPLY;
	}
	if (method == HTTP_OPTIONS) {
		r->reply.status = 204;
		return REPLY;
	}
	if (r->op == NULL) {
		(void)fail(r, PROBLEM_METHOD_NOT_ALLOWED,
		    "%s is not among the methods of this path; Allow lists "
		    "them.",
		    http_method_name(method));
		return REPLY;
	}
	return request_read_path(r, segments) ? NEXT : REPLY;
}

/* By what is known now: the bytes of chunks are counted as they come. */
static enum verdict
size(struct request *r)
{
	if (r->msg->complete ||
	    (r->op->body_max > HTTP_BODY_MAX &&
		r->msg->body_len <= r->op->body_max))
		return NEXT;
	(void)too_large(r);
	return REPLY;
}

static bool
too_large(struct request *r)
{
	return fail(r, PROBLEM_CONTENT_TOO_LARGE,
	    "The body is larger than %zu bytes.", r->op->body_max);
}

static enum verdict
authenticate(struct request *r)
{
	return request_admit(r) ? NEXT : REPLY;
}

static enum verdict
limit(struct request *r)
{
	if (limit_take(r))
		return NEXT;
	(void)fail(r, PROBLEM_RATE_LIMITED,
	    "The quota of this caller is used "
	    "up for %ld seconds.",
	    r->quota_reset);
	return REPLY;
}

static enum verdict
validate(struct request *r)
{
	if (!request_read_headers(r) || !request_read_query(r) ||
	    !request_read_fields(r))
		return REPLY;
	return NEXT;
}

/* Only now, with all but the body accepted, a large one may come in. */
static enum verdict
receive(struct request *r)
{
	size_t bytes =
	    r->msg->body_len > 0 ? r->msg->body_len : r->op->body_max;

	if (r->msg->complete)
		return NEXT;
	if (!budget_take(bytes)) {
		(void)fail(r, PROBLEM_UNAVAILABLE,
		    "Too many large bodies are on their way; nothing was "
		    "stored.");
		return REPLY;
	}
	r->held = bytes;
	r->path = arena_strdup(r->arena, r->path); /* the buffer moves */
	connection_receive(r->client, r->op->body_max);
	return WAIT;
}

static enum verdict
read_body(struct request *r)
{
	return request_read_body(r) && request_read_key(r) ? NEXT : REPLY;
}

static enum verdict
hook(struct request *r)
{
	if (r->op->hook == NULL)
		return NEXT;
	(void)r->op->hook(r);
	return REPLY;
}

static enum verdict
query(struct request *r)
{
	request_fill_call(r);
	r->call.sent = sent;
	r->call.done = done;
	return send_call(r) ? WAIT : REPLY;
}

/* False: nothing was sent, and why is said. */
static bool
send_call(struct request *r)
{
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

/* libpq has a copy of a large body. */
static void
sent(struct db_call *call)
{
	struct request *r = call->arg;

	if (r->held == 0)
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
		request_log(r, 0);
		release(r);
		return;
	}
	again = is_to_repeat(r, res);
	slow_done(r);
	if (again && ++r->attempts < ATTEMPTS_MAX) {
		PQclear(res);
		if (!send_call(r))
			run(r);
		return;
	}
	if (call->late)
		(void)fail(r, PROBLEM_UNAVAILABLE,
		    "It was not its turn in time; nothing was done.");
	else if (res == NULL || PQresultStatus(res) != PGRES_TUPLES_OK) {
		request_read_error(r, res);
		PQclear(res);
	} else
		(void)request_read_result(r, res);
	run(r);
}

/* What it is to send then is in r->call. */
static bool
is_to_repeat(struct request *r, const PGresult *res)
{
	if (has_state(res, "CW200")) { /* the key has an answer */
		request_fill_replay(r);
		return true;
	}
	/* It took longer than others may have to wait for. */
	if (has_state(res, "57014") && r->call.pool == DB_READ) {
		slow_found(r);
		return true;
	}
	/* Serialization failures and deadlocks are rolled back. */
	return r->held == 0 &&
	    (has_state(res, "40001") || has_state(res, "40P01"));
}

static bool
has_state(const PGresult *res, const char *sqlstate)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, sqlstate) == 0;
}
