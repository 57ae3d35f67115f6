/*
 * What the client wants to be answered in.
 */
#ifndef CASEWORK_ACCEPT_H
#define CASEWORK_ACCEPT_H

#include <stdbool.h>

#include "request.h"

/* False after fail() when nothing that there is is acceptable. */
bool request_choose_type(struct request *);
bool request_accepts(const struct request *, const char *type);

#endif
