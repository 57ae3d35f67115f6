/*
 * Who may call an operation, by the document.
 */
#ifndef CASEWORK_OPERATION_CALLERS_H
#define CASEWORK_OPERATION_CALLERS_H

#include <jansson.h>

#include "operation.h"

/* Fills callers, roles, open and scope; 0, or -1 with a line in err. */
int operation_read_callers(struct operation *, const json_t *node, char *err,
    size_t errlen);

#endif
