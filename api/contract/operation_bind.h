/*
 * Tying operations to statements.
 */
#ifndef CASEWORK_OPERATION_BIND_H
#define CASEWORK_OPERATION_BIND_H

#include "operation.h"

/* The statement that begins every transaction of such a caller. */
struct statement *operation_begin(enum caller_kind);
/* The one that reads the answer which belongs to an Idempotency-Key. */
struct statement *operation_replay(void);
/* The one that says which district a contact is of. */
struct statement *operation_district(void);
/* The one that says whose identity an issuer's subject is. */
struct statement *operation_identify(void);

/* ---- for operation_load.c ---- */

/*
 * Gives op its statement, and those that are for one kind of caller
 * (<operationId>_for_<kind>): finds the source of every parameter, and that
 * each one declared is used. 0, or -1 with a line in err.
 */
int operation_bind(struct operation *, char *err, size_t errlen);
/* Every statement has its operation, every caller kind its begin. */
int operation_check_statements(char *err, size_t errlen);

#endif
