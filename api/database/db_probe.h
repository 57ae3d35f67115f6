/*
 * Whether the database answers each kind of caller, and whether it can write:
 * asked once a second by a timer, so that who wants to know costs nothing.
 */
#ifndef CASEWORK_DB_PROBE_H
#define CASEWORK_DB_PROBE_H

#include <stdbool.h>
#include <stdint.h>

#include "caller.h"

enum db_finding {
	DB_OK,
	DB_NOT_CONNECTED,
	DB_MISFIT, /* the database is of another version */
	DB_NO_ANSWER,
	DB_READ_ONLY,
	DB_DISK_FULL,
	DB_REFUSED, /* writing, for another reason */
	DB_STANDBY, /* is all that is there */
	DB_HANGING, /* is what writes: reading goes on */
	DB_POOLED,  /* are sessions, by more than one at a time */
	DB_FINDINGS
};

/* One for each kind of caller, the last for writing. */
#define DB_CHECKS (CALLER_KINDS + 1)

struct db_check {
	const char     *name; /* contact, …, writes */
	enum db_finding finding;
	uint64_t	age; /* ms since the last answer, or since start */
};

/* Call once, after db_start(). */
void db_probe_start(void);
/* Nothing is asked any more. */
void db_probe_stop(void);
/* Of the calls in flight, those for which nobody waits. */
unsigned db_probe_inflight(void);
/* What is known of check i at this moment. */
void db_probe_read(unsigned i, struct db_check *);
/* "ok", "no_answer" and so on. */
const char *db_finding_name(enum db_finding);

#endif
