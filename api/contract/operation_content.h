/*
 * Bodies of requests and answers, and limits. Private to operation_load.c.
 */
#ifndef CASEWORK_OPERATION_CONTENT_H
#define CASEWORK_OPERATION_CONTENT_H

#include "operation_load.h"

/* What the operation's node says of them. 0, or -1 with a line in err. */
int operation_read_content(struct operation *, const json_t *document,
    const json_t *node, const struct operation_setup *, char *err,
    size_t errlen);
/* Once all operations are there: what x-limits asks for. 0, or -1. */
int operation_read_limits(const json_t *document,
    const struct operation_setup *, char *err, size_t errlen);

#endif
