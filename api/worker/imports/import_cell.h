/*
 * Dates and times of cells, as spreadsheets in the United States write them, in
 * the words of the API.
 */
#ifndef CASEWORK_IMPORT_CELL_H
#define CASEWORK_IMPORT_CELL_H

#include "schema.h"

/*
 * A cell of a column, which is not empty: as schema_read_cell(), and 1/5/2026
 * is the 5th of January. A time without an offset is said as if it were UTC:
 * *local is true then. *fault is NULL, or a sentence. A new reference.
 */
json_t *import_cell(const struct schema *, const char *text, bool *local,
    const char **fault);

#endif
