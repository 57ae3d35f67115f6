/*
 * Parse, and DEALLOCATE of what had the place before, travel in the same round
 * trip in front of the call. DEALLOCATE is no part of the transaction: what a
 * call that fails has deallocated stays so.
 */
#include <stdio.h>

#include "prepared.h"

void
prepared_start(struct prepared *p)
{
	popular_start(&p->popular, PREPARED_MAX);
	p->made = 0;
}

bool
prepared_use(struct prepared *p, PGconn *pg, const struct query *q,
    struct prepared_use *out)
{
	struct popular_use use = { .place = -1 };
	char		   sql[PREPARED_NAME + 16];
	char		  *name;

	*out = (struct prepared_use){ .query = q, .place = -1 };
	if (q->id == 0)
		return true;
	use = popular_use(&p->popular, q->id);
	if (use.place < 0)
		return true;
	/* The other query of the call must not take its place. */
	popular_hold(&p->popular, use.place);
	out->place = use.place;
	if (!use.is_new)
		return true;
	name = p->name[use.place];
	if (use.before != 0) {
		snprintf(sql, sizeof(sql), "deallocate %s", name);
		out->deallocate = true;
		if (!PQsendQueryParams(pg, sql, 0, NULL, NULL, NULL, NULL, 0))
			return false;
	}
	/* A pooler answers each client with a number of its own: should it give
	   the session to others, no name of theirs is one of ours. */
	snprintf(name, PREPARED_NAME, "s%x_%u", (unsigned)PQbackendPID(pg),
	    ++p->made);
	out->prepare = true;
	return PQsendPrepare(pg, name, q->sql, 0, NULL) == 1;
}

void
prepared_used(struct prepared *p, const struct prepared_use *use)
{
	if (use->place >= 0)
		popular_give(&p->popular, use->place);
}

const char *
prepared_name(const struct prepared *p, const struct prepared_use *use)
{
	return use->place < 0 ? NULL : p->name[use->place];
}
