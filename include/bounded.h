/*
 * Sessions of a thread that waits: connecting and statements, neither for
 * longer than a server that lives would take.
 */
#ifndef CASEWORK_BOUNDED_H
#define CASEWORK_BOUNDED_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "backends.h"
#include "hosts.h"

#define BOUNDED_GRACE_MS 3000 /* of a statement, beyond its own limit */

struct bounded {
	PGconn	      *pg; /* NULL: not connected */
	struct backend backend;
	enum hosts_fit fit;
	bool	       late; /* given up: the backend may be there still */
};

/*
 * One attempt, at the server whose turn it is; the turn stays. It ends as well
 * when stop can be read (-1: never). False with a line in err.
 */
bool bounded_connect(struct bounded *, const char *kind, struct host_turn *,
    int stop, char *err, size_t errlen);
/*
 * Runs a statement with text parameters. The first error, or else the last
 * result; NULL counts as an error. A server that says nothing for longer than
 * statement_timeout lets it is given up: the connection is lost then.
 */
PGresult *bounded_run(struct bounded *, const char *sql, int nparams,
    const char *const *params);
/*
 * Attempts at all servers of DATABASE_URL; a kind of NULL is whom it names.
 * False with a line in err.
 */
bool bounded_find(struct bounded *, const char *url, const char *kind,
    char *err, size_t errlen);
void bounded_close(struct bounded *);

#endif
