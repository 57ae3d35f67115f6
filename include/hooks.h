/*
 * The few operations that need C: x-hook in the document names one.
 */
#ifndef CASEWORK_HOOKS_H
#define CASEWORK_HOOKS_H

#include <stdbool.h>

struct request;

/* NULL if there is none of that name. A hook fills in the reply, or fails. */
bool (*hook_find(const char *name))(struct request *);

#endif
