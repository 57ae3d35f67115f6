/*
 * The answer on the wire: one place writes the status line and every header,
 * the metrics and the log line.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "answer_bytes.h"
#include "challenge.h"
#include "connection.h"
#include "cors.h"
#include "http_headers.h"
#include "log.h"
#include "log_limit.h"
#include "metrics.h"
#include "monotonic.h"
#include "reply.h"
#include "request.h"
#include "request_settings.h"
#include "route.h"
#include "source.h"
#include "text.h"
#include "wall_clock.h"

#define HEAD_SIZE 3072 /* besides Location, Link, CORS and PUBLIC_URL */

static const struct {
	int	    status;
	const char *reason;
} reasons[] = {
	{ 200, "OK" },
	{ 201, "Created" },
	{ 202, "Accepted" },
	{ 204, "No Content" },
	{ 304, "Not Modified" },
	{ 400, "Bad Request" },
	{ 401, "Unauthorized" },
	{ 403, "Forbidden" },
	{ 404, "Not Found" },
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 408, "Request Timeout" },
	{ 409, "Conflict" },
	{ 410, "Gone" },
	{ 412, "Precondition Failed" },
	{ 413, "Content Too Large" },
	{ 414, "URI Too Long" },
	{ 415, "Unsupported Media Type" },
	{ 417, "Expectation Failed" },
	{ 422, "Unprocessable Content" },
	{ 428, "Precondition Required" },
	{ 429, "Too Many Requests" },
	{ 431, "Request Header Fields Too Large" },
	{ 500, "Internal Server Error" },
	{ 501, "Not Implemented" },
	{ 503, "Service Unavailable" },
	{ 505, "HTTP Version Not Supported" },
};

static void	   use_problem(struct request *);
static char	  *write_head(struct request *, bool, size_t *);
static char	  *write_extras(struct request *, char *);
static bool	   is_logged(const struct request *, int, int64_t);
static const char *reason(int);
static const char *http_date(void);

void
request_send(struct request *r)
{
	struct client	*client = r->client;
	struct wire_body body = { 0 };
	bool		 keep_alive;
	size_t		 len;
	char		*head;

	if (r->problem.kind != PROBLEM_NONE)
		use_problem(r);
	keep_alive = r->msg != NULL && r->msg->complete && r->msg->keep_alive &&
	    !connection_draining();
	head = write_head(r, keep_alive, &len);
	request_log(r, r->reply.status);
	r->client = NULL;
	if (r->msg == NULL || r->msg->method != HTTP_HEAD) {
		body.bytes = r->reply.body;
		body.len = r->reply.len;
		body.lasting = r->reply.lasting;
	}
	if (r->reply.rows != NULL)
		request_lend_rows(r, &body);
	connection_reply(client, head, len, &body, keep_alive);
}

static void
use_problem(struct request *r)
{
	r->reply = (struct reply){
		.status = problem_type(r->problem.kind)->status,
		.type = "application/problem+json",
	};
	r->reply.body = problem_json(r->arena, &r->problem,
	    *request_public_path == '\0' || *r->path != '/' ?
		r->path :
		arena_printf(r->arena, "%s%s", request_public_path, r->path),
	    r->id, r->trace, &r->reply.len);
}

static char *
write_head(struct request *r, bool keep_alive, size_t *len)
{
	const struct reply *reply = &r->reply;
	const char	   *cors = cors_headers(r);
	char		   *head, *p;

	head = arena_alloc(r->arena,
	    HEAD_SIZE + strlen(cors) + strlen(request_settings->public_url) +
		(reply->fields == NULL ? 0 : strlen(reply->fields)) +
		(reply->next == NULL ? 0 : strlen(reply->next)) +
		(reply->location == NULL ? 0 : strlen(reply->location)));
	p = text_add_number(stpcpy(head, "HTTP/1.1 "), reply->status);
	p = TEXT_ADD(p, " ", reason(reply->status), "\r\ndate: ", http_date(),
	    "\r\nrequest-id: ", r->id, "\r\ntraceparent: 00-", r->trace, "-",
	    r->span, r->unsampled ? "-00" : "-01",
	    "\r\nx-content-type-options: nosniff\r\n");
	if (reply->type != NULL)
		p = TEXT_ADD(p, "content-type: ", reply->type, "\r\n");
	if (reply->status != 204 && reply->status != 304) {
		p = stpcpy(p, "content-length: ");
		p = stpcpy(text_add_number(p, (int64_t)reply->len), "\r\n");
	}
	if (!keep_alive)
		p = stpcpy(p, "connection: close\r\n");
	else if (r->msg->minor == 0)
		p = stpcpy(p, "connection: keep-alive\r\n");
	p = write_extras(r, p);
	p = stpcpy(p, cors);
	p = stpcpy(p, "\r\n");
	*len = (size_t)(p - head);
	return head;
}

/* Headers that depend on the operation or the problem. */
static char *
write_extras(struct request *r, char *p)
{
	const struct reply *reply = &r->reply;
	bool		    ok = r->problem.kind == PROBLEM_NONE, chosen;

	p = TEXT_ADD(p, "cache-control: ",
	    ok && r->op != NULL && r->op->cache_control != NULL ?
		r->op->cache_control :
		"no-store",
	    "\r\n");
	if (ok && r->aged) {
		p = text_add_number(stpcpy(p, "age: "), r->age);
		p = stpcpy(p, "\r\n");
	}
	chosen = r->op != NULL && (r->op->html || r->op->csv);
	if (r->op != NULL && (!r->op->open || chosen))
		p = TEXT_ADD(p, "vary: ",
		    r->op->open ? "accept" :
			chosen	? "authorization, accept" :
				  "authorization",
		    "\r\n");
	/* Our pages need their own style, logo and form, nothing else;
	   their addresses may be secrets, which no other site is told. */
	if (r->html)
		p = stpcpy(p,
		    "content-security-policy: default-src 'none'; "
		    "style-src 'unsafe-inline'; img-src data:; "
		    "form-action 'self'; "
		    "base-uri 'none'; frame-ancestors 'none'\r\n"
		    "referrer-policy: no-referrer\r\n");
	if (ok && r->replayed)
		p = stpcpy(p, "idempotency-replayed: true\r\n");
	if (reply->fields != NULL)
		p = stpcpy(p, reply->fields);
	if (reply->etag != NULL)
		p = TEXT_ADD(p, "etag: ", reply->etag, "\r\n");
	if (reply->location != NULL)
		p = TEXT_ADD(p, "location: ", request_settings->public_url,
		    reply->location, "\r\n");
	if (reply->next != NULL)
		p = TEXT_ADD(p, "link: <", reply->next, ">; rel=\"next\"\r\n");
	if (r->allow != 0 && (reply->status == 405 || reply->status == 204))
		p = stpcpy(route_methods(stpcpy(p, "allow: OPTIONS, "),
			       r->allow),
		    "\r\n");
	if (r->allow & 1U << HTTP_PATCH &&
	    (reply->status == 415 || reply->status == 204))
		p = stpcpy(p,
		    "accept-patch: application/merge-patch+json, "
		    "application/json\r\n");
	p = challenge_write(r, p);
	if (request_settings->rate_limit > 0 && r->quota_reset > 0)
		p += sprintf(p,
		    "ratelimit-policy: \"caller\";q=%ld;w=60\r\n"
		    "ratelimit: \"caller\";r=%ld;t=%ld\r\n",
		    request_settings->rate_limit, r->quota_left,
		    r->quota_reset);
	if (reply->status == 503 || reply->status == 429)
		p += sprintf(p, "retry-after: %ld\r\n",
		    r->problem.kind == PROBLEM_RATE_LIMITED ? r->quota_reset :
							      1);
	return p;
}

/* Whether there is a line for it. */
static bool
is_logged(const struct request *r, int status, int64_t now)
{
	char key[CALLER_KEY_MAX];

	if (r->known && r->caller.kind != CALLER_PUBLIC) {
		caller_key(&r->caller, key);
		return log_limit_take(key, true, status, now);
	}
	return log_limit_take(r->client == NULL ? "?" : source_of(r), false,
	    status, now);
}

void
request_log(const struct request *r, int status)
{
	int64_t now = monotonic_us(), us = now - r->started;

	if (status == 0)
		metrics_abandoned();
	else
		metrics_request(r->op, r->known ? r->caller.kind : CALLER_KINDS,
		    status, us, r->db_us);
	if (!is_logged(r, status, now))
		return;
	log_request(&(struct log_request){
	    .id = r->id,
	    .trace = r->trace,
	    .span = r->span,
	    .parent = r->parent,
	    .unsampled = r->unsampled,
	    .operation = r->op == NULL ? "" : r->op->id,
	    .caller = r->known ? caller_kind_name(r->caller.kind) : "",
	    .method = r->msg == NULL ?
		(r->op == NULL ? "" : http_method_name(r->op->method)) :
		http_method_name(r->msg->method),
	    .status = status,
	    .duration_us = us,
	    .db_us = r->db_us,
	    .problem = r->problem.kind == PROBLEM_NONE ?
		"" :
		problem_type(r->problem.kind)->slug,
	    .sqlstate = r->sqlstate,
	});
}

static const char *
reason(int status)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
		if (reasons[i].status == status)
			return reasons[i].reason;
	return "";
}

/* IMF-fixdate (RFC 9110 5.6.7), made once a second. */
static const char *
http_date(void)
{
	static time_t last;
	static char   text[40];
	time_t	      now = wall_clock_seconds();
	struct tm     tm;

	if (now != last) {
		last = now;
		gmtime_r(&now, &tm);
		strftime(text, sizeof(text), "%a, %d %b %Y %H:%M:%S GMT", &tm);
	}
	return text;
}
