/*
 * Bearer tokens (RFC 6750, RFC 9068) to callers. All about JWTs is behind
 * this header. The key list fixes the algorithm of each kid.
 */
#ifndef CASEWORK_AUTH_H
#define CASEWORK_AUTH_H

#include <stddef.h>
#include <stdint.h>

#include "caller.h"

/*
 * Reads the key list; keys are never logged. Returns 0, or -1 with one line
 * in err that names the file, the key and the fault. A failed reload keeps
 * the keys in use.
 */
int auth_load(const char *keys_file, const char *issuer, const char *audience,
    char *err, size_t errlen);
/*
 * Reloads when the file has changed since it was read. Call once a second. 1: it
 * has, 0: it has not, -1 as above.
 */
int auth_reload(char *err, size_t errlen);

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

/*
 * A token for sub ("contact:1") signed with the first HS256 key of the list,
 * valid for lifetime seconds from now. scope NULL means every scope of that
 * kind. malloc()ed; NULL with a line in err.
 */
char *auth_mint(const char *sub, const char *scope, const char *actor,
    int64_t now, int64_t lifetime, char *err, size_t errlen);

#endif
