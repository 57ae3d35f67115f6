/*
 * What serves a session at the other end. One whose session was given up may
 * work on, or wait for a standby, without noticing that nobody is there any
 * more; it keeps its place among max_connections until then.
 */
#ifndef CASEWORK_BACKENDS_H
#define CASEWORK_BACKENDS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#define BACKENDS_KEY_MAX     40
#define BACKENDS_OPENING_MAX 40

/* What it tells of itself; a pooler in between knows nothing of that. */
struct backend {
	long statement_ms; /* that a statement may take; 0: no limit */
	char key[BACKENDS_KEY_MAX];
	int  pid;
	bool standby, read_only; /* as it said at the beginning */
	bool pooled;		 /* what libpq has heard is the pooler's word */
	/* "4711 1764576000123456": pid, and when the transaction in which the
	   session was begun did, in microseconds. */
	char opening[BACKENDS_OPENING_MAX];
};

/* The key in SQL, of a row "a" of pg_stat_activity: no other ever has it. */
#define BACKENDS_KEY "a.pid || '@' || extract(epoch from a.backend_start)"

/* Those whose sessions were given up, and that may be there still. */
struct backends {
	size_t n;
	char (*keys)[BACKENDS_KEY_MAX];
};

void backends_add(struct backends *, const struct backend *);
/* Asks which of them are there: takes $1, answers with their keys as rows. */
extern const char backends_ask[];
/* $1, the caller's to free(). */
char *backends_list(const struct backends *);
/* Those that the answer does not name are forgotten. */
void backends_keep(struct backends *, const PGresult *);

#endif
