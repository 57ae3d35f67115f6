/*
 * What the database is sent: one SQL text with parameters. Whoever makes
 * queries gives each its own number, never given again, by which a connection
 * knows those that it has prepared.
 */
#ifndef CASEWORK_QUERY_H
#define CASEWORK_QUERY_H

#include <stdint.h>

#define QUERY_PARAMS_MAX 192
#define QUERY_PROOF_MAX	 99 /* of a session, with its NUL */

struct query {
	const char *sql; /* with $1, $2, … */
	uint64_t    id;	 /* 0: it is not worth preparing */
	int	    nparams;
};

/* Which connections of its caller kind a query takes. */
enum db_pool { DB_READ, DB_WRITE, DB_SLOW, DB_PROBE, DB_POOLS };

#endif
