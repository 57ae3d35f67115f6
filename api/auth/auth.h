/*
 * Bearer tokens (RFC 6750, RFC 9068) to callers.
 */
#ifndef CASEWORK_AUTH_H
#define CASEWORK_AUTH_H

#include <stddef.h>
#include <stdint.h>

#include "auth_key.h"
#include "caller.h"

#define AUTH_TOKEN_MAX 8192 /* characters */

/* A token, and who shows it when. */
struct auth_try {
	const char *token;
	size_t	    len;
	const char *source; /* whose failures are counted; an address */
	int64_t	    now;    /* unix seconds, to judge the token by */
	int64_t	    at;	    /* monotonic us, to count failures by */
};

/*
 * Verifies a compact JWT. Returns the caller, valid until the next call, or
 * NULL with a sentence in *why that holds nothing of the token. Verified tokens
 * are cached (whole token compared, exp checked again on each hit), refused
 * ones are remembered; a reload forgets both.
 *
 * exp has no leeway, nbf and iat have 5 seconds. *why is auth_busy (compare
 * the pointer) when too many tokens of that source and key have failed: the
 * token was not looked at and may well be good, answer 429 with Retry-After: 1.
 */
extern const char    auth_busy[];
const struct caller *auth_verify(const struct auth_try *, const char **why);

/* Why a token was refused, for metrics. */
enum auth_failure {
	AUTH_FORM,	/* not three parts, too long */
	AUTH_HEADER,	/* its header, its key */
	AUTH_SIGNATURE, /* checked, and wrong */
	AUTH_CLAIMS,	/* signed, and not for this service */
	AUTH_EXPIRED,
	AUTH_REPEATED, /* refused before, looked at no more */
	AUTH_BUSY,
	AUTH_FAILURES
};
extern const char *const auth_failure_names[AUTH_FAILURES];

/* What this process has done; goes where auth_counts points. */
struct auth_counts {
	uint64_t checks[AUTH_ALGORITHMS][2]; /* of signatures: wrong, right */
	uint64_t failures[AUTH_FAILURES];
};
extern struct auth_counts *auth_counts;

#endif
