/*
 * Memory of large bodies, in both directions: bytes that a process holds for
 * its clients, BODY_MEMORY at most. What does not fit is answered 503.
 */
#ifndef CASEWORK_BUDGET_H
#define CASEWORK_BUDGET_H

#include <stdbool.h>
#include <stddef.h>

/* False: there is not so much left. */
bool   budget_take(size_t bytes);
void   budget_give(size_t bytes);
size_t budget_taken(void);

#endif
