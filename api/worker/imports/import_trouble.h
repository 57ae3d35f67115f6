/*
 * What to do about a statement that failed: an import waits for what passes,
 * and ends on what does not.
 */
#ifndef CASEWORK_IMPORT_TROUBLE_H
#define CASEWORK_IMPORT_TROUBLE_H

#include <stdint.h>

#include "session.h"

enum import_trouble {
	TROUBLE_OUTAGE, /* the database is away or full: try until it is not */
	TROUBLE_BUSY,	/* others hold what is needed: try some times */
	TROUBLE_REFUSED /* the same comes of it, however often it is tried */
};

/* By the SQLSTATE; an empty one is a connection that was lost. */
enum import_trouble import_trouble(const char *sqlstate);
/* A wait that doubles from one to the next; 0 at first. It ends at a stop. */
void import_pause(int *milliseconds);
/*
 * Runs a statement until it has been done, it is refused, the worker stops, or
 * that instant: NULL then, with the SQLSTATE in *refused if it was refused.
 */
PGresult *import_insist(struct session *, int64_t ends, const char *sql,
    int nparams, const char *const *params, const char **refused);

#endif
