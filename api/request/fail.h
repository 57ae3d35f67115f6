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
/* Adds to the problem's errors[]; where is "pointer", "parameter", … */
void fail_at(struct request *, const char *where, const char *name,
    const char *code, const char *detail);

#endif
