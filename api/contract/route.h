/*
 * Finding the operation of a method and a path.
 */
#ifndef CASEWORK_ROUTE_H
#define CASEWORK_ROUTE_H

#include <stddef.h>

#include "operation.h"

#define ROUTE_METHODS_SIZE 64 /* bytes of route_methods() */

/* For loading: nothing is known any more; one operation more. */
void route_forget(void);
void route_add(const struct operation *);

/*
 * Matches a path, split at its slashes and percent-decoded. allow gets a bit
 * per method that the path has. NULL with *allow 0: no such path.
 */
const struct operation *route_match(enum http_method, size_t nsegments,
    const char *const *segments, unsigned *allow);
/* Appends the methods that such a bit stands for, HEAD with GET. */
char *route_methods(char *, unsigned allow);
/* One line per operation: method, path, operationId, scope, callers. */
void route_print(void);

#endif
