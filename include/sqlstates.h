/*
 * Errors of PostgreSQL for metrics: a handful of SQLSTATEs that an operator has
 * to tell apart, and of the others the class. So their number has a bound.
 */
#ifndef CASEWORK_SQLSTATES_H
#define CASEWORK_SQLSTATES_H

#define SQLSTATES 26

/* The place of a SQLSTATE; NULL is libpq's own, of a connection (08). */
int sqlstates_find(const char *state);
/* "57014", or of a class "57"; of all others "other". */
const char *sqlstates_name(int place);

#endif
