/*
 * Reading PostgreSQL's rows.
 */
#ifndef CASEWORK_ROWS_H
#define CASEWORK_ROWS_H

#include <libpq-fe.h>

/*
 * What the first row has in that column, as long as the result lives; NULL if
 * there is no such column, or its value is null. There must be a row.
 */
const char *rows_first(const PGresult *, const char *column);

#endif
