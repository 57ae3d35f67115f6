/*
 * Taking work, and writing down what became of it: what all threads with a
 * queue of jobs share.
 */
#include <stdio.h>

#include "counters.h"
#include "lease.h"
#include "monotonic.h"
#include "stopping.h"

#define PAUSE_MS 100

struct lease
lease_take(struct session *s, const char *sql, long seconds)
{
	char	     text[24];
	const char  *params[] = { text };
	struct lease lease = { .ends = monotonic_us() +
		    (int64_t)seconds * 1000000 };

	snprintf(text, sizeof(text), "%ld", seconds);
	lease.row = session_run(s, sql, 1, params);
	if (lease.row != NULL && PQntuples(lease.row) == 0)
		lease_free(&lease);
	if (lease.row != NULL)
		counters_add(JOBS_LEASED, s->name, 1);
	return lease;
}

void
lease_free(struct lease *lease)
{
	PQclear(lease->row);
	lease->row = NULL;
}

const char *
lease_value(const struct lease *lease, int column)
{
	return PQgetisnull(lease->row, 0, column) ?
	    NULL :
	    PQgetvalue(lease->row, 0, column);
}

PGresult *
lease_insist(struct session *s, int64_t ends, const char *sql, int nparams,
    const char *const *params)
{
	PGresult *result = NULL;

	for (;;) {
		if (session_up(s))
			result = session_run(s, sql, nparams, params);
		if (result != NULL || stopping() || monotonic_us() >= ends)
			return result;
		(void)stopping_wait(-1, PAUSE_MS);
	}
}
