/*
 * Between the files of auth: auth.c verifies tokens, auth_signature.c their
 * signatures, auth_keys.c holds the keys, auth_cache.c the verified tokens,
 * auth_mint.c makes tokens.
 */
#ifndef CASEWORK_AUTH_INTERNAL_H
#define CASEWORK_AUTH_INTERNAL_H

#include <openssl/evp.h>
#include <stdbool.h>
#include <stddef.h>

#include "auth.h"

#define AUTH_TOKEN_MAX 8192 /* characters */
#define AUTH_HMAC_SIZE 32   /* bytes */

struct auth_key;

struct auth_algorithm {
	const char *name;   /* alg, in the key list and in tokens */
	const char *member; /* of the key list: the key itself */
	/* Fills the key from that member. Returns the fault, or NULL. */
	const char *(*read)(struct auth_key *, const char *);
	/* The signature has the key's signature_len bytes. */
	bool (*verify)(const struct auth_key *, const char *text, size_t len,
	    const unsigned char *signature);
};

struct auth_key {
	char			    *kid;
	const struct auth_algorithm *algorithm;
	unsigned char		    *secret; /* HS256 */
	size_t			     secret_len;
	EVP_PKEY		    *public_key; /* RS256, ES256 */
	size_t signature_len;			 /* bytes of every signature */
};

/* What auth_load() was given. */
const char	      *auth_issuer(void);
const char	      *auth_audience(void);
const struct auth_key *auth_key_find(const char *kid);
/* The first HS256 key, or NULL. */
const struct auth_key *auth_key_signing(void);

/* HMAC-SHA256 with the key's secret: AUTH_HMAC_SIZE bytes. */
void auth_hmac(const struct auth_key *, const char *text, size_t len,
    unsigned char *digest);
bool auth_verify_hs256(const struct auth_key *, const char *text, size_t len,
    const unsigned char *signature);
bool auth_verify_rs256(const struct auth_key *, const char *text, size_t len,
    const unsigned char *signature);
bool auth_verify_es256(const struct auth_key *, const char *text, size_t len,
    const unsigned char *signature);

/* Valid until the next auth_cache_add(). */
const struct caller *auth_cache_find(const char *token, size_t len);
const struct caller *auth_cache_add(const char *token, size_t len,
    const struct caller *, int64_t			      now);
void		     auth_cache_clear(void);

#endif
