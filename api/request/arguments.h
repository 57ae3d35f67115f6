/*
 * The query against the document.
 */
#ifndef CASEWORK_ARGUMENTS_H
#define CASEWORK_ARGUMENTS_H

#include <stdbool.h>

#include "request.h"

/* False after fail(). */
bool request_read_query(struct request *);

#endif
