/*
 * Shares of memory for large bodies. Nothing is taken for what a client has
 * only announced.
 */
#include <string.h>

#include "caller.h"
#include "connection_input.h"
#include "district.h"
#include "fail.h"
#include "receive.h"
#include "request.h"
#include "rows.h"
#include "source.h"

bool
request_needs_district(const struct request *r)
{
	return r->caller.kind == CALLER_CONTACT &&
	    district_of(&r->caller) == NULL;
}

void
request_learn_district(struct request *r, const PGresult *res)
{
	const char *id = rows_first(res, "district_id");

	if (r->caller.kind == CALLER_CONTACT && id != NULL)
		district_learn(&r->caller, id);
}

void
request_name_hold(struct request *r)
{
	struct budget_hold *hold = &r->hold;
	const char	   *district = NULL;

	*hold = (struct budget_hold){ 0 };
	if (r->caller.kind == CALLER_PUBLIC)
		strcpy(hold->caller, source_of(r));
	else
		caller_key(&r->caller, hold->caller);
	if (r->caller.kind == CALLER_CONTACT)
		district = district_of(&r->caller);
	if (district != NULL)
		strcpy(hold->district, district);
}

void
request_receive(struct request *r)
{
	request_name_hold(r);
	r->path = arena_strdup(r->arena, r->path); /* the buffer moves */
	connection_receive(r->client, r->op->body_max, 0);
}

bool
request_hold(struct request *r, size_t bytes)
{
	switch (budget_hold(&r->hold, bytes)) {
	case BUDGET_HELD:
		return true;
	case BUDGET_SHARE:
		return fail(r, PROBLEM_TOO_MANY_AT_ONCE,
		    "As many large bodies of this caller are on their way as "
		    "one may have; nothing was done.");
	case BUDGET_FULL:
		break;
	}
	return fail(r, PROBLEM_UNAVAILABLE,
	    "Too many large bodies are on their way; nothing was done.");
}
