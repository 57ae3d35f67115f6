/*
 * Accept: what the client wants to be answered in.
 */
#include "accept.h"
#include "fail.h"
#include "http_headers.h"
#include "media_type.h"
#include "request.h"

static bool refuse(struct request *, const char *, const char *);

/* Where there is a page or a table too, it must be wanted more than JSON. */
bool
request_choose_type(struct request *r)
{
	const char *accept = http_header_list(r->arena, r->msg, "accept");
	const char *type, *where;
	double	    q, other = 0;

	/* A file is what it is: there is no other form of it to choose. */
	if (accept == NULL || r->op->raw_answer)
		return true;
	type = r->op->json ? "application/json" : r->op->media_type;
	q = media_type_quality(accept, type, &where);
	if (q < 0)
		return refuse(r, accept, where);
	if (r->op->html)
		other = media_type_quality(accept, "text/html", &where);
	else if (r->op->csv)
		other = media_type_quality(accept, "text/csv", &where);
	r->html = r->op->html && other > q;
	r->csv = r->op->csv && other > q;
	if (q > 0 || other > 0)
		return true;
	return fail(r, PROBLEM_NOT_ACCEPTABLE, "The answer is %s%s.", type,
	    r->op->html	   ? " or text/html" :
		r->op->csv ? " or text/csv" :
			     "");
}

static bool
refuse(struct request *r, const char *accept, const char *where)
{
	fail_at(r, "parameter", "Accept", "format",
	    arena_printf(r->arena,
		"What begins at byte %td is no media range with a weight of "
		"q=0 to q=1, as RFC 9110 says.",
		where - accept));
	return fail(r, PROBLEM_INVALID_PARAMETER,
	    "A header is not as the document says.");
}
