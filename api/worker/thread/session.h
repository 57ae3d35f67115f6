/*
 * One thread's connection to PostgreSQL, as casework_worker. It is lost and
 * found again here; what was running on it may or may not have been done.
 */
#ifndef CASEWORK_SESSION_H
#define CASEWORK_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

struct session_settings {
	const char *database_url;
	const char *pgpassfile; /* libpq reads it */
};

struct session {
	const char *name;	 /* for the log */
	PGconn	   *pg;		 /* NULL while there is none */
	int	    backoff_ms;	 /* before the next attempt */
	char	    sqlstate[6]; /* of what failed last; empty if it has none */
};

/* Once, before there are threads. 0, or -1 with a line in err. */
int session_init(const struct session_settings *, char *err, size_t errlen);

/*
 * Whether the connection is up; if not, one attempt is made, after a pause
 * that grows. Once the worker stops nothing is opened any more.
 */
bool session_up(struct session *);
/*
 * Runs a statement with text parameters. The caller's to PQclear(); NULL if it
 * failed, which is logged by its SQLSTATE. A lost connection is closed then.
 */
PGresult *session_run(struct session *, const char *sql, int nparams,
    const char *const *params);
void	  session_close(struct session *);

#endif
