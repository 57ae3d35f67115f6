/*
 * The columns of a collection that is answered as a table too. Private to
 * operation*.c.
 */
#ifndef CASEWORK_OPERATION_COLUMNS_H
#define CASEWORK_OPERATION_COLUMNS_H

#include <jansson.h>
#include <stddef.h>

#include "operation.h"

/*
 * Of an operation whose answer has text/csv beside application/json: columns.
 * -1 if its items have no fixed columns, with a sentence in err.
 */
int operation_read_columns(struct operation *, const json_t *document,
    const json_t *content, char *err, size_t errlen);

#endif
