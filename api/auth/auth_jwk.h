/*
 * JSON Web Keys (RFC 7517), as providers publish them.
 */
#ifndef CASEWORK_AUTH_JWK_H
#define CASEWORK_AUTH_JWK_H

#include "auth_key.h"

/* RFC 7517 §5: what is not for signatures, or of an algorithm that is not
   known here, is passed over. */
bool auth_jwk_concerns(const json_t *jwk);
/*
 * Fills algorithm and pkey. Whether the key is fit is for the caller to see.
 * Returns the fault, which holds nothing of the key, or NULL.
 */
const char *auth_jwk_read(struct auth_key *, const json_t *jwk);

#endif
