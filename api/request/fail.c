/*
 * How every step says no: the problem, and where the faults are.
 */
#include <stdarg.h>

#include "fail.h"
#include "json.h"
#include "request.h"
#include "utf8.h"

/* A name is the sender's text: no more of it than this is repeated. */
#define NAME_MAX_BYTES 100

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
	struct problem *p = &r->problem;
	size_t		len;

	if (p->nerrors++ >= PROBLEM_ERRORS_MAX)
		return;
	len = utf8_cut(name, NAME_MAX_BYTES);
	if (name[len] != '\0')
		name = arena_printf(r->arena, "%.*s…", (int)len, name);
	p->errors.arena = r->arena;
	builder_printf(&p->errors,
	    "%s{\"%s\":%s,\"code\":\"%s\",\"detail\":%s}",
	    p->errors.len == 0 ? "" : ",", where, json_quote(r->arena, name),
	    code, json_quote(r->arena, detail));
}

void
fail_more(struct request *r, size_t count)
{
	r->problem.nerrors += count;
}

void
fail_schema(struct request *r, const char *where, const char *name,
    const struct schema_faults *faults, size_t found)
{
	size_t i;

	for (i = 0; i < faults->count; i++)
		fail_at(r, where,
		    name == NULL ? faults->fault[i].pointer : name,
		    faults->fault[i].code, faults->fault[i].detail);
	fail_more(r, found - faults->count);
}
