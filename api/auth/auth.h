/*
 * Bearer tokens (RFC 6750, RFC 9068) to callers.
 */
#ifndef CASEWORK_AUTH_H
#define CASEWORK_AUTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "caller.h"

#define AUTH_SUBJECT_MAX 256 /* with its NUL */
#define AUTH_EMAIL_MAX	 255

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
 * exp has no leeway, nbf and iat have 30 seconds. *why is auth_busy (compare
 * the pointer) when too many tokens of that source and key have failed: the
 * token was not looked at and may well be good, answer 429 with Retry-After: 1.
 */
/*
 * A caller of kind CALLER_KINDS is not known yet: the issuer's subject, which
 * auth_subject_read() tells, is to be looked up; then auth_cache_learn().
 * *why is auth_wait while the keys of its issuer are being looked up: answer
 * 503 with Retry-After: 1.
 */
extern const char    auth_busy[], auth_wait[];
const struct caller *auth_verify(const struct auth_try *, const char **why);

/* Whom a token is about, in the words of its issuer. */
struct auth_subject {
	char issuer_id[CALLER_ID_MAX];
	char subject[AUTH_SUBJECT_MAX];
	char email[AUTH_EMAIL_MAX];   /* verified, if it may link; or "" */
	char actor[AUTH_SUBJECT_MAX]; /* who acts in its name; or "" */
};

/* Of a token that was verified at this moment; false: it no longer is good. */
bool auth_subject_read(const struct auth_try *, struct auth_subject *);

#endif
