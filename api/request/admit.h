/*
 * Who is calling.
 */
#ifndef CASEWORK_ADMIT_H
#define CASEWORK_ADMIT_H

#include <stdbool.h>

#include "auth.h"
#include "request.h"

/* The token of the request, which has one. */
struct auth_try request_try(const struct request *);
/*
 * Sets caller, or unidentified where somebody has to be asked who it is; false
 * after fail().
 */
bool request_admit(struct request *);

/* False: why, and the words for who may well be an outsider. */
bool request_refuse_token(struct request *, const char *why);

/* Whether the caller, who is known now, may call the operation. */
bool request_may_call(struct request *);

#endif
