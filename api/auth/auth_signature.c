/*
 * Signatures of JWTs (RFC 7518 §3), by libjwt. Its jwt_decode() refuses every
 * typ but JWT, and RFC 9068 demands at+jwt; so the parts are taken apart here
 * and libjwt is asked for the signature alone, by the functions that
 * jwt_decode() itself ends in. The library exports them, jwt.h leaves them out.
 */
#include <openssl/err.h>
#include <stdlib.h>
#include <string.h>

#include "auth_signature.h"

/* 0 if sig (base64url) signs head with the key and algorithm of the jwt. */
int jwt_verify_sha_hmac(jwt_t *, const char *head, const char *sig);
int jwt_verify_sha_pem(jwt_t *, const char *head, const char *sig);

void
auth_key_fix(struct auth_key *key, const void *material, size_t len)
{
	if (jwt_new(&key->jwt) != 0 ||
	    jwt_set_alg(key->jwt, key->algorithm->id, material, (int)len) != 0)
		abort();
}

bool
auth_verify_signature(const struct auth_key *key, const char *token, size_t len,
    size_t head_len)
{
	char text[AUTH_TOKEN_MAX + 1], *signature = text + head_len + 1;
	bool good;

	memcpy(text, token, len);
	text[len] = '\0';
	text[head_len] = '\0';
	good = key->slow ? jwt_verify_sha_pem(key->jwt, text, signature) == 0 :
			   jwt_verify_sha_hmac(key->jwt, text, signature) == 0;
	/* A refused signature leaves errors that others would take theirs. */
	ERR_clear_error();
	return good;
}
