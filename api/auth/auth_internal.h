/*
 * Between the files of auth: auth.c verifies tokens, auth_signature.c their
 * signatures, auth_keys.c holds the keys, auth_cache.c the verified tokens,
 * auth_mint.c makes tokens.
 */
#ifndef CASEWORK_AUTH_INTERNAL_H
#define CASEWORK_AUTH_INTERNAL_H

#include <jwt.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth.h"

#define AUTH_TOKEN_MAX 8192 /* characters */
#define AUTH_HMAC_SIZE 32   /* bytes */

struct auth_key;

struct auth_algorithm {
	const char *name;   /* alg, in the key list and in tokens */
	const char *member; /* of the key list: the key itself */
	jwt_alg_t   id;
	/* Fills the key from that member. Returns the fault, or NULL. */
	const char *(*read)(struct auth_key *, const char *);
};

struct auth_key {
	char			    *kid;
	const struct auth_algorithm *algorithm;
	jwt_t			    *jwt; /* its material and algorithm */
	size_t signature_len;		  /* bytes of every signature */
	bool   slow; /* RS256, ES256: a budget bounds them */
};

/* What auth_load() was given. */
const char	      *auth_issuer(void);
const char	      *auth_audience(void);
const struct auth_key *auth_key_find(const char *kid);
/* The first HS256 key, or NULL. */
const struct auth_key *auth_key_signing(void);

/* Gives the key its material, checked before, for its algorithm only. */
void auth_key_fix(struct auth_key *, const void *material, size_t len);
/*
 * Whether a token of three base64url parts is signed with the key: head_len
 * characters are the first two parts and the dot between.
 */
bool auth_verify_signature(const struct auth_key *, const char *token,
    size_t len, size_t head_len);
/* HMAC-SHA256 of the head with an HS256 key: AUTH_HMAC_SIZE bytes. */
void auth_sign(const struct auth_key *, const char *head,
    unsigned char *digest);

/* Valid until the next auth_cache_add(). */
const struct caller *auth_cache_find(const char *token, size_t len);
const struct caller *auth_cache_add(const char *token, size_t len,
    const struct caller *, int64_t			      now);
void		     auth_cache_clear(void);

#endif
