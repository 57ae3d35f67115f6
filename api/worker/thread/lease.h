/*
 * Work that is taken for a while: nobody else does it until the lease ends, and
 * what became of it is worth being written down as long. A worker that dies in
 * between leaves a lease that runs out.
 */
#ifndef CASEWORK_LEASE_H
#define CASEWORK_LEASE_H

#include <stdint.h>

#include "session.h"

struct lease {
	PGresult *row;	/* what is to be done; NULL: nothing is */
	int64_t	  ends; /* monotonic_us() */
};

/*
 * The next piece of work: sql takes the seconds of the lease, and has a row if
 * there is one. It is counted as a job of the session's name.
 */
struct lease lease_take(struct session *, const char *sql, long seconds);
void	     lease_free(struct lease *);
/* A column of the row; NULL if it is null. It lives as long as the lease. */
const char *lease_value(const struct lease *, int column);
/*
 * Runs a statement as often as it takes, until it has been done, the worker
 * stops, or that instant: NULL then. The database may have gone meanwhile.
 */
PGresult *lease_insist(struct session *, int64_t ends, const char *sql,
    int nparams, const char *const *params);

#endif
