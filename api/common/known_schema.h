/*
 * Whether a database fits this program: each program carries the names of the
 * migrations that it was built with, and the database says whether it has had
 * them, or still serves programs that know no more: sql/rules/base/version.sql.
 */
#ifndef CASEWORK_KNOWN_SCHEMA_H
#define CASEWORK_KNOWN_SCHEMA_H

#include <libpq-fe.h>

/* For each session at its beginning: fails where it does not fit. */
extern const char known_schema_require[];
/* At any time: a row of read-only (as heartbeat.h asks) and of why not. */
extern const char known_schema_ask[];

/* What such an answer says is wrong, "" if it says so of something else. */
const char *known_schema_fault(const PGresult *);

#endif
