/*
 * One thread looks, once a second; others print.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "counters.h"
#include "horizon.h"
#include "monotonic.h"

#define XID_TEXT 24
#define USUAL_S	 5 /* what is written takes less */

/* Nobody is under way: the oldest is the one that has yet to begin. */
static const char look[] =
    "select pg_snapshot_xmin(s)::text, pg_snapshot_xmin(s) < pg_snapshot_xmax(s)"
    " from pg_current_snapshot() as s";

/* Of the thread that looks. */
static char    oldest[XID_TEXT];
static int64_t since;

static atomic_long seconds;

bool
horizon_look(struct bounded *b)
{
	PGresult *result = bounded_run(b, look, 0, NULL);
	bool	  found = PQresultStatus(result) == PGRES_TUPLES_OK;
	bool	  held;

	if (found) {
		held = strcmp(PQgetvalue(result, 0, 1), "t") == 0 &&
		    strcmp(PQgetvalue(result, 0, 0), oldest) == 0;
		snprintf(oldest, sizeof(oldest), "%s",
		    PQgetvalue(result, 0, 0));
		if (!held)
			since = monotonic_us();
		seconds = (long)((monotonic_us() - since) / 1000000);
		counters_set(HORIZON_AGE, NULL, (double)seconds);
	}
	PQclear(result);
	return found;
}

void
horizon_print(FILE *out)
{
	if (seconds <= USUAL_S)
		fprintf(out, "horizon: ok\n");
	else
		fprintf(out,
		    "horizon: a transaction has held up feed, mails and "
		    "webhooks for %ld s\n",
		    seconds);
}
