/*
 * How both programs connect to PostgreSQL: DATABASE_URL, as one of the roles.
 */
#ifndef CASEWORK_CONNINFO_H
#define CASEWORK_CONNINFO_H

#include <libpq-fe.h>
#include <stddef.h>

/*
 * Parameters for PQconnectdbParams() as casework_<kind>; PostgreSQL shows the
 * application beside it. keys and values are the caller's to free() and good
 * for the life of url and application. 0, or -1 with a line in err. Not for two
 * threads at once until it has succeeded once.
 * What the environment says of sessions (PGOPTIONS, PGTZ) is forgotten.
 */
int conninfo(const char *url, const char *kind, const char *application,
    const char ***keys, const char ***values, char *err, size_t errlen);

/*
 * The first statement of each session: what decides how values are read,
 * written and found is as we know it, whatever server, database or role say.
 */
extern const char conninfo_session[];

/*
 * Such a session with a database that fits, after waiting for it; NULL with a
 * line in err.
 */
PGconn *conninfo_connect(const char *url, const char *kind, char *err,
    size_t errlen);

#endif
