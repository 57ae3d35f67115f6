/*
 * Tokens that were verified.
 */
#ifndef CASEWORK_AUTH_CACHE_H
#define CASEWORK_AUTH_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "caller.h"

/* Valid until the next auth_cache_add(). */
const struct caller *auth_cache_find(const char *token, size_t len);
const struct caller *auth_cache_add(const char *token, size_t len,
    const struct caller *, int64_t			      now);
void		     auth_cache_clear(void);

#endif
