/*
 * Results of PostgreSQL to replies and problems.
 */
#ifndef CASEWORK_ANSWER_H
#define CASEWORK_ANSWER_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "request.h"

/* Takes the result: clears it, or keeps it as what the answer is made of. */
bool request_read_result(struct request *, PGresult *);
/* Turns a PostgreSQL error, or NULL for a lost connection, into a problem. */
void request_read_error(struct request *, const PGresult *);

#endif
