/*
 * What the claims of a token say (RFC 7519 §4, RFC 9068 §2.2).
 */
#ifndef CASEWORK_AUTH_CLAIMS_H
#define CASEWORK_AUTH_CLAIMS_H

#include <stdbool.h>

#include "auth_parts.h"
#include "caller.h"

struct auth_claims {
	struct caller caller;
	bool	      early; /* it may be good one day */
};

extern const char auth_expired[];
/*
 * Judges them at that unix time, and fills what was zero. NULL, or why the
 * token is refused: compare with auth_expired.
 */
const char *auth_claims_read(const struct auth_part *, int64_t now,
    struct auth_claims *);

#endif
