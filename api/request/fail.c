/*
 * How every step says no: the problem, and where the faults are.
 */
#include <stdarg.h>

#include "fail.h"
#include "json.h"
#include "request.h"

bool
fail(struct request *r, enum problem_kind kind, const char *fmt, ...)
{
	va_list ap;

	r->problem.kind = kind;
	if (fmt != NULL) {
		va_start(ap, fmt);
		r->problem.detail = arena_vprintf(r->arena, fmt, ap);
		va_end(ap);
	}
	return false;
}

void
fail_at(struct request *r, const char *where, const char *name,
    const char *code, const char *detail)
{
	const char *before = r->problem.errors;

	r->problem.errors = arena_printf(r->arena,
	    "%s%s{\"%s\":%s,\"code\":\"%s\",\"detail\":%s}",
	    before == NULL ? "" : before, before == NULL ? "" : ",", where,
	    json_quote(r->arena, name), code, json_quote(r->arena, detail));
}
