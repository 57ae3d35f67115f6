/*
 * The life of a request: a table of named steps and one runner. A step says
 * NEXT, WAIT or REPLY; only query() and, for a large body, receive() or
 * stream() wait. Start reading here.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "admit.h"
#include "arguments.h"
#include "body.h"
#include "call.h"
#include "connection_input.h"
#include "fail.h"
#include "identity.h"
#include "limit.h"
#include "metrics.h"
#include "monotonic.h"
#include "public_cache.h"
#include "receive.h"
#include "reply.h"
#include "request.h"
#include "route.h"
#include "runner.h"
#include "stream.h"
#include "trace.h"
#include "uri.h"
#include "validate.h"

enum verdict { NEXT, WAIT, REPLY };

static enum verdict route(struct request *);
static enum verdict size(struct request *);
static enum verdict authenticate(struct request *);
static enum verdict identify(struct request *);
static enum verdict limit(struct request *);
static enum verdict validate(struct request *);
static enum verdict district(struct request *);
static enum verdict stream(struct request *);
static enum verdict receive(struct request *);
static enum verdict read_body(struct request *);
static enum verdict hook(struct request *);
static enum verdict keep(struct request *);
static enum verdict query(struct request *);

static const struct {
	const char *name;
	enum verdict (*run)(struct request *);
} steps[] = {
	{ "route", route },		  /* 400, 404, 405 */
	{ "size", size },		  /* 413 */
	{ "authenticate", authenticate }, /* 401, 403 */
	{ "identify", identify },	  /* of a new token; 403 503 */
	{ "limit", limit },		  /* 429 */
	{ "validate", validate },	  /* 400 406 415 422 428 */
	{ "district", district },	  /* of a large body, if unknown; 503 */
	{ "stream", stream },		  /* of a body taken in parts, each */
	{ "receive", receive },		  /* waits for a large body; 503 */
	{ "body", read_body },		  /* 400 415 422 */
	{ "hook", hook },		  /* answers without SQL */
	{ "keep", keep },		  /* public answers: waits */
	{ "query", query },		  /* one round trip, one
						   transaction */
};

#define NSTEPS (sizeof(steps) / sizeof(steps[0]))

static struct request *start(struct client *, const struct http_message *);
static void	       refuse(struct client *, const struct http_fault *);
static void	       received(struct request *);
static void	       reject(struct request *, const struct http_fault *);
static void	       abandon(struct request *);
static struct request *request_new(struct client *,
    const struct http_message *);
static void	       run(struct request *);
static void	       release(struct request *);
static void	       wake(struct request *);
static void	       go_on(struct request *);
static bool	       too_large(struct request *, size_t);

const struct connection_handlers request_handlers = {
	.start = start,
	.refuse = refuse,
	.received = received,
	.may_grow = request_hold,
	.reject = reject,
	.abandon = abandon,
	.ended = metrics_ended,
};

void
request_start(const struct request_settings *settings)
{
	request_configure(settings);
	request_start_calls(go_on);
	public_cache_start(wake);
}

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

	if (fault->status == 413)
		(void)too_large(r, HTTP_BODY_MAX);
	else
		(void)fail(r, problem_of_status(fault->status), "%s",
		    fault->detail);
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
	if (fault == NULL)
		assert(r->problem.kind != PROBLEM_NONE);
	else if (fault->status == 413)
		(void)too_large(r, r->op->body_max);
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
	public_cache_fail(r);
	request_send(r);
	release(r);
}

static void
release(struct request *r)
{
	assert(r->magic == REQUEST_MAGIC && !r->in_flight);
	r->magic = 0;
	budget_give(&r->hold);
	public_cache_leave(r);
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
	(void)too_large(r, r->op->body_max);
	return REPLY;
}

static bool
too_large(struct request *r, size_t max)
{
	r->problem.extra = arena_printf(r->arena, "\"limit_bytes\":%zu", max);
	return fail(r, PROBLEM_CONTENT_TOO_LARGE,
	    "The body is larger than %zu bytes.", max);
}

static enum verdict
authenticate(struct request *r)
{
	return request_admit(r) ? NEXT : REPLY;
}

/* Whose an issuer's token is, is asked for once in its life. */
static enum verdict
identify(struct request *r)
{
	if (!r->unidentified)
		return NEXT;
	return identity_ask(r) ? WAIT : REPLY;
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

/* By district memory is shared out: it is asked for once in a long while. */
static enum verdict
district(struct request *r)
{
	if (r->msg->complete || !request_needs_district(r))
		return NEXT;
	request_fill_district(r);
	return request_send_call(r) ? WAIT : REPLY;
}

/* From client to database and back, until the end of the body. */
static enum verdict
stream(struct request *r)
{
	enum stream_next next = r->op->stream ? stream_next(r) : STREAM_END;

	if (next == STREAM_END)
		return NEXT;
	r->step--; /* it goes on here */
	if (next != STREAM_SEND)
		return next == STREAM_READ ? WAIT : REPLY;
	request_fill_call(r, r->stream->sends);
	return request_send_call(r) ? WAIT : REPLY;
}

/* Only now, with all but the body accepted, a large one may come in. */
static enum verdict
receive(struct request *r)
{
	if (r->msg->complete)
		return NEXT;
	request_receive(r);
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

/* What somebody has asked lately, or is asking. */
static enum verdict
keep(struct request *r)
{
	switch (public_cache_look(r)) {
	case PUBLIC_CACHE_NONE:
		return NEXT;
	case PUBLIC_CACHE_WAIT:
		return WAIT;
	case PUBLIC_CACHE_HIT:
		break;
	}
	return REPLY;
}

static enum verdict
query(struct request *r)
{
	request_fill_call(r, r->op->binding[r->caller.kind]);
	if (!request_send_call(r))
		return REPLY;
	public_cache_asked(r);
	return WAIT;
}

/*
 * After waiting for who asks for all: one who is not told and is not to ask for
 * them has another look.
 */
static void
wake(struct request *r)
{
	if (r->reply.status == 0 && r->problem.kind == PROBLEM_NONE &&
	    r->public_answer == NULL)
		r->step--; /* keep() */
	go_on(r);
}

/* After a wait: with an answer, or in order to ask for one. */
static void
go_on(struct request *r)
{
	assert(r->magic == REQUEST_MAGIC && !r->in_flight);
	if (r->client == NULL) {
		request_log(r, 0);
		release(r);
		return;
	}
	if (r->reply.status != 0 || r->problem.kind != PROBLEM_NONE)
		r->step = NSTEPS;
	run(r);
}
