/*
 * A page as a table.
 */
#ifndef CASEWORK_TABLE_H
#define CASEWORK_TABLE_H

#include <libpq-fe.h>
#include <stdbool.h>

struct request;

/*
 * Answers with the first items of the rows' column item, a line each, below
 * the line of op->columns. False, with a problem, if an item is no JSON.
 */
bool request_write_table(struct request *, const PGresult *, int item,
    int items);

#endif
