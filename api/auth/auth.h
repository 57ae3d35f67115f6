/*
 * Bearer tokens (RFC 6750, RFC 9068) to callers.
 */
#ifndef CASEWORK_AUTH_H
#define CASEWORK_AUTH_H

#include <stddef.h>
#include <stdint.h>

#include "caller.h"

/*
 * Verifies a compact JWT at the time now (unix seconds). Returns the caller,
 * valid until the next call, or NULL with a sentence in *why that holds
 * nothing of the token. Verified tokens are cached (whole token compared,
 * exp checked again on each hit); the cache is emptied by a reload.
 *
 * exp has no leeway, nbf and iat have 5 seconds. *why is auth_busy (compare
 * the pointer) when this second's budget of RS256 and ES256 verifications is
 * used up: answer 503 with Retry-After: 1, the token may well be good.
 */
extern const char    auth_busy[];
const struct caller *auth_verify(const char *token, size_t len, int64_t now,
    const char **why);

#endif
