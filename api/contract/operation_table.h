/*
 * Filling the table of operations. Private to operation_load.c.
 */
#ifndef CASEWORK_OPERATION_TABLE_H
#define CASEWORK_OPERATION_TABLE_H

#include <stdbool.h>

#include "operation.h"

/* Empties the table, for another load. */
void operation_forget(void);
/* Gives the operation its index; false: there are OPERATIONS_MAX already. */
bool operation_add(struct operation *);

#endif
