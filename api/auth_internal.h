/*
 * Between the files of auth: auth.c verifies, auth_keys.c holds the keys,
 * auth_cache.c the verified tokens, auth_mint.c makes tokens.
 */
#ifndef CASEWORK_AUTH_INTERNAL_H
#define CASEWORK_AUTH_INTERNAL_H

#include <jwt.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth.h"

#define AUTH_TOKEN_MAX	8192	/* characters */

struct auth_algorithm {
	const char	*name;		/* as in key list and token */
	jwt_alg_t	 id;		/* libjwt's */
	bool		 slow;		/* verifications are budgeted */
};

struct auth_key {
	char			*kid;
	const struct auth_algorithm *algorithm;
	unsigned char		*material;	/* secret, or PEM and NUL */
	size_t			 len;		/* without the NUL; never 0 */
	size_t			 signature_len;	/* the only right one */
};

/* What auth_load() was given. */
const char		*auth_issuer(void);
const char		*auth_audience(void);
const struct auth_key	*auth_key_find(const char *kid);
/* The first HS256 key, or NULL. */
const struct auth_key	*auth_key_signing(void);

/* Valid until the next auth_cache_add(). */
const struct caller	*auth_cache_find(const char *token, size_t len);
const struct caller	*auth_cache_add(const char *token, size_t len,
			    const struct caller *, int64_t now);
void			 auth_cache_clear(void);

#endif
