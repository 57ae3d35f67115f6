/*
 * A key that signs tokens, and the algorithm it is for.
 */
#ifndef CASEWORK_AUTH_KEY_H
#define CASEWORK_AUTH_KEY_H

#include <jwt.h>
#include <stdbool.h>
#include <stddef.h>

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

#endif
