/*
 * The few operations that need C: x-hook in the document names one.
 */
#ifndef CASEWORK_HOOKS_H
#define CASEWORK_HOOKS_H

#include "operation.h"

/* The last one has no name. */
extern const struct operation_hook hooks[];

#endif
