/*
 * Conditional reads: one place decides for every kind of answer.
 */
#include "conditional.h"
#include "etag.h"
#include "http_headers.h"
#include "request.h"

bool
request_not_modified(struct request *r)
{
	const char *match = http_header_list(r->arena, r->msg, "if-none-match");

	if (match == NULL || r->reply.etag == NULL ||
	    r->op->method != HTTP_GET || !etag_matches(match, r->reply.etag))
		return false;
	r->reply.status = 304;
	r->reply.type = NULL;
	r->reply.fields = NULL;
	r->reply.body = NULL;
	r->reply.len = 0;
	return true;
}
