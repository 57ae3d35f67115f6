/*
 * What the claims of a token say (RFC 7519 §4, RFC 9068 §2.2).
 */
#ifndef CASEWORK_AUTH_CLAIMS_H
#define CASEWORK_AUTH_CLAIMS_H

#include <stdbool.h>

#include "auth.h"
#include "auth_key.h"
#include "auth_parts.h"

struct auth_claims {
	struct caller	    caller;
	struct auth_subject subject; /* where the caller is not known by it */
	bool		    early;   /* it may be good one day */
};

extern const char auth_expired[];
/*
 * Judges those of a token signed with that key at that unix time, and fills
 * what was zero. NULL, or why the token is refused: compare with auth_expired.
 */
const char *auth_claims_read(const struct auth_part *, const struct auth_key *,
    int64_t now, struct auth_claims *);

#endif
