/*
 * How many tokens failed, for each source and key, apart from those that were
 * good.
 */
#ifndef CASEWORK_AUTH_FAILURES_H
#define CASEWORK_AUTH_FAILURES_H

#include <stdint.h>

#include "auth_key.h"

/*
 * Whether one more signature may be checked that may well be wrong: ask before
 * a dear check. at is monotonic, in microseconds.
 */
bool auth_failures_allow(const char *source, const struct auth_key *,
    int64_t			     at);
/* After the check, and only when the token was refused. */
void auth_failures_add(const char *source, const struct auth_key *, int64_t at);

#endif
