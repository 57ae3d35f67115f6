/*
 * The quota of a caller.
 */
#ifndef CASEWORK_LIMIT_H
#define CASEWORK_LIMIT_H

#include <stdbool.h>

#include "request.h"

/* Takes one from the caller's quota; false when it is used up. */
bool limit_take(struct request *);

#endif
