/*
 * How both programs connect to PostgreSQL: DATABASE_URL, as one of the roles.
 */
#ifndef CASEWORK_CONNINFO_H
#define CASEWORK_CONNINFO_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "backends.h"
#include "hosts.h"

/*
 * Reads DATABASE_URL, the first time. 0, or -1 with a line in err. What the
 * environment says of sessions (PGOPTIONS, PGTZ) is forgotten.
 */
int conninfo_load(const char *url, char *err, size_t errlen);

/*
 * Begins to connect as casework_<kind> (NULL: as whom DATABASE_URL names) to
 * the server whose turn it is, without waiting; PostgreSQL shows the
 * application beside it. NULL with a line in err.
 */
PGconn *conninfo_start(const char *kind, const char *application,
    struct host_turn *, char *err, size_t errlen);

/*
 * Sends the first statement of each session: what decides how values are read,
 * written and found is as we know it, whatever server, database or role say.
 */
bool conninfo_send_session(PGconn *);
/*
 * What it returns. False: a pooler in between gives the session to several at a
 * time, or to one after the other as it was left. Then it is nobody's.
 */
bool conninfo_read_session(const PGconn *, const PGresult *, struct backend *);
/* Says so, in a sentence. */
extern const char conninfo_pooled[];
/* Asks whose session it is; and whether it is still this connection's. */
extern const char conninfo_ask_kept[];
bool		  conninfo_is_kept(const PGconn *, const PGresult *);

#endif
