/*
 * The OpenAPI document to operations.
 */
#ifndef CASEWORK_OPERATION_LOAD_H
#define CASEWORK_OPERATION_LOAD_H

#include <stddef.h>

#include "operation.h"

/* An operation that C answers. It fills in the reply, or fails. */
struct operation_hook {
	const char *name; /* x-hook of the document */
	bool (*run)(struct request *);
};

/* What the document is held against besides the statements. */
struct operation_setup {
	const struct operation_hook *hooks; /* NULL as the last one's name */
	size_t body_memory; /* bytes: more than the largest body */
	long   rate_limit;  /* requests a minute, 0 is none: get_limits */
};

/*
 * Reads the document and ties it to the statements loaded before and to hooks.
 * 0, or -1 with a line in err that names the place and the fault.
 */
int operation_load(const char *json, size_t len, const struct operation_setup *,
    char *err, size_t errlen);

#endif
