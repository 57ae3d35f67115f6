/*
 * Conditional reads.
 */
#ifndef CASEWORK_CONDITIONAL_H
#define CASEWORK_CONDITIONAL_H

#include <stdbool.h>

#include "request.h"

/* Makes the reply a 304 if the client has what its ETag names. */
bool request_not_modified(struct request *);

#endif
