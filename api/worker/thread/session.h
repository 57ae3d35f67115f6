/*
 * One thread's connection to PostgreSQL, as casework_worker. It is lost and
 * found again here; what was running on it may or may not have been done.
 */
#ifndef CASEWORK_SESSION_H
#define CASEWORK_SESSION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bounded.h"

struct session_settings {
	const char *database_url;
	const char *pgpassfile; /* libpq reads it */
};

struct session {
	const char	*name; /* for the log */
	PGconn		*pg;   /* NULL while there is none */
	struct bounded	 at;   /* the same, with what is known of it */
	struct host_turn turn;
	int64_t		 since;	   /* monotonic_us() of its beginning */
	bool		 is_known; /* it is counted */
	bool		 is_lost;  /* that is in the log */
	bool		 pause;	   /* of backoff_ms, before an attempt */
	int		 backoff_ms;
	char sqlstate[6]; /* of what failed last; empty if it has none */
};

/* Once, before there are threads. 0, or -1 with a line in err. */
int session_init(const struct session_settings *, char *err, size_t errlen);

/*
 * Whether the connection is up; if not, one attempt is made, at the server
 * whose turn it is. When each has had its turn there is a pause that grows.
 * Once the worker stops nothing is opened any more.
 */
bool session_up(struct session *);
/*
 * Runs a statement with text parameters. The caller's to PQclear(); NULL if it
 * failed, which is logged by its SQLSTATE. A lost connection is closed then,
 * and one to a server that has ceased to be what is wanted.
 */
PGresult *session_run(struct session *, const char *sql, int nparams,
    const char *const *params);
/* Asks whether a pooler has given the session to others: it is lost then. */
void session_ask_kept(struct session *);
/* After what was run on `at` directly: a lost connection is closed. */
void session_check(struct session *);
void session_close(struct session *);
/* Whether who wants to connect finds standbys only. */
bool session_finds_standby(void);

#endif
