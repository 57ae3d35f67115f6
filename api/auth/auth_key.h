/*
 * A key that verifies tokens, and what it is for: one algorithm, or, of an RSA
 * key that does not say, either of its kind.
 */
#ifndef CASEWORK_AUTH_KEY_H
#define CASEWORK_AUTH_KEY_H

#include <jansson.h>
#include <openssl/types.h>
#include <stdbool.h>
#include <stddef.h>

#define AUTH_SIGNATURE_MAX 512 /* bytes: RSA of 4096 bits */
#define AUTH_SECRET_MAX	   1024

enum auth_algorithm {
	AUTH_HS256,
	AUTH_RS256,
	AUTH_PS256,
	AUTH_ES256,
	AUTH_EDDSA, /* on Ed25519 */
	AUTH_ALGORITHMS
};

/* As in the key list and in tokens. */
extern const char *const auth_algorithm_names[AUTH_ALGORITHMS];

struct auth_issuer;

struct auth_key {
	char			 *kid;
	enum auth_algorithm	  algorithm;
	bool			  pss_too;	 /* RS256, and PS256 as well */
	EVP_PKEY		 *pkey;		 /* parsed once, good for it */
	size_t			  signature_len; /* bytes of every signature */
	unsigned		  number;	 /* no other has it */
	const struct auth_issuer *issuer;	 /* whose it is */
};

/*
 * Fills the key from its entry in the key list, a JWK if it has a kty. Returns
 * the fault, which holds nothing of the entry, or NULL. Free it in either case.
 */
const char *auth_key_read(struct auth_key *, const json_t *entry);
void	    auth_key_free(struct auth_key *);
/* Whether it is for the algorithm of that name (alg), which goes to found. */
bool auth_key_is_for(const struct auth_key *, const char *name,
    enum auth_algorithm *found);
/* Signatures of key pairs cost more to check than all else of a request. */
bool auth_key_dear(const struct auth_key *);

#endif
