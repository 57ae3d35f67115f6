/*
 * Accept: what the client wants to be answered in.
 */
#include "accept.h"
#include "fail.h"
#include "http_headers.h"
#include "media_type.h"
#include "request.h"

/* Where there is a page too, it must be wanted more than JSON. */
bool
request_choose_type(struct request *r)
{
	const char *accept = http_header_list(r->arena, r->msg, "accept");
	const char *type;
	double	    q, page = 0;

	if (accept == NULL || r->op->raw_answer)
		return true; /* bytes: once their type is known */
	type = r->op->json ? "application/json" : r->op->media_type;
	q = media_type_quality(accept, type);
	if (r->op->html)
		page = media_type_quality(accept, "text/html");
	r->html = page > q;
	if (q > 0 || page > 0)
		return true;
	return fail(r, PROBLEM_NOT_ACCEPTABLE, "The answer is %s%s.", type,
	    r->op->html ? " or text/html" : "");
}

bool
request_accepts(const struct request *r, const char *type)
{
	const char *accept = http_header_list(r->arena, r->msg, "accept");

	return accept == NULL || media_type_quality(accept, type) > 0;
}
