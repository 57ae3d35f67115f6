/*
 * Tokens that were verified, and tokens that were refused for good.
 */
#ifndef CASEWORK_AUTH_CACHE_H
#define CASEWORK_AUTH_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "caller.h"

/*
 * The caller of a verified token, valid until the next auth_cache_add(); or
 * NULL, and in *why the sentence that the token was refused with, if it was.
 */
const struct caller *auth_cache_find(const char *token, size_t len,
    const char **why);
const struct caller *auth_cache_add(const char *token, size_t len,
    const struct caller *, int64_t			      now);
/*
 * Whose a token is and who acts, where it is known still; of kind CALLER_KINDS:
 * not any more. Key, scopes and end stay as they are.
 */
void auth_cache_learn(const char *token, size_t len, const struct caller *);
/* why must stay, and hold for as long as the keys are the same. */
void auth_cache_refuse(const char *token, size_t len, const char *why);
/* Of other keys nothing is known. */
void auth_cache_clear(void);

#endif
