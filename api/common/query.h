/*
 * What the database is sent: one SQL text with parameters. Whoever makes
 * queries gives each its own number, so that a connection remembers by a bit
 * which ones it has prepared.
 */
#ifndef CASEWORK_QUERY_H
#define CASEWORK_QUERY_H

#define QUERY_PARAMS_MAX 128
#define QUERIES_MAX	 2048 /* that are prepared, of a process */

struct query {
	const char *name; /* of the prepared statement; "" if unnamed */
	const char *sql;  /* with $1, $2, … */
	int	    id;	  /* 0 … QUERIES_MAX - 1; -1 if unnamed */
	int	    nparams;
};

/* Which connections of its caller kind a query takes. */
enum db_pool { DB_READ, DB_WRITE, DB_SLOW, DB_PROBE, DB_POOLS };

#endif
