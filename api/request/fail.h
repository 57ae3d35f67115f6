/*
 * How every step says no.
 */
#ifndef CASEWORK_FAIL_H
#define CASEWORK_FAIL_H

#include <stdbool.h>

#include "request.h"

/* Sets the problem and returns false, so that a failure is one line. */
bool fail(struct request *, enum problem_kind, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/*
 * Adds to the problem's errors[], as long as there is room; where is "pointer",
 * "parameter", …
 */
void fail_at(struct request *, const char *where, const char *name,
    const char *code, const char *detail);
/* As many more faults, which are counted but not listed. */
void fail_more(struct request *, size_t count);
/*
 * What schema_check() has found; the name is that of the parameter, or NULL
 * where each fault has its own pointer.
 */
void fail_schema(struct request *, const char *where, const char *name,
    const struct schema_faults *, size_t found);

#endif
