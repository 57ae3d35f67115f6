/*
 * Accept: what the client wants to be answered in.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "request.h"

static double quality(const char *, const char *);
static int    specificity(const char *, size_t, const char *);

/* Where there is a page too, it must be wanted more than JSON. */
bool
request_choose_type(struct request *r)
{
	const char *accept = http_header(r->msg, "accept"), *type;
	double	    q, page = 0;

	if (accept == NULL || r->op->raw_answer)
		return (true); /* bytes: once their type is known */
	type = r->op->json ? "application/json" : r->op->media_type;
	q = quality(accept, type);
	if (r->op->html)
		page = quality(accept, "text/html");
	r->html = page > q;
	if (q > 0 || page > 0)
		return (true);
	return (fail(r, PROBLEM_NOT_ACCEPTABLE, "The answer is %s%s.", type,
	    r->op->html ? " or text/html" : ""));
}

bool
request_accepts(const struct request *r, const char *type)
{
	const char *accept = http_header(r->msg, "accept");

	return (accept == NULL || quality(accept, type) > 0);
}

/*
 * RFC 9110 12.5.1: the most specific range that covers the type decides. 0 is
 * not acceptable.
 */
static double
quality(const char *accept, const char *type)
{
	const char *p = accept, *q;
	size_t	    len, n;
	int	    best = -1, found;
	double	    wanted = *accept == '\0';

	while (*p != '\0') {
		p += strspn(p, ", \t");
		len = strcspn(p, ",");
		n = strcspn(p, ";, \t");
		found = n == 0 ? -1 : specificity(p, n, type);
		if (found > best) {
			best = found;
			for (q = p + n;
			     q < p + len && strncasecmp(q, "q=", 2) != 0; q++)
				;
			wanted = q >= p + len ? 1 : strtod(q + 2, NULL);
		}
		p += len;
	}
	return (wanted);
}

/* 0 for any, 1 for the main type, 2 for the type itself; -1 if not covered. */
static int
specificity(const char *range, size_t len, const char *type)
{
	size_t slash = strcspn(type, "/");

	if (len == 3 && strncmp(range, "*/*", 3) == 0)
		return (0);
	if (len == slash + 2 && strncasecmp(range, type, slash + 1) == 0 &&
	    range[slash + 1] == '*')
		return (1);
	return (len == strlen(type) && strncasecmp(range, type, len) == 0 ? 2 :
									    -1);
}
