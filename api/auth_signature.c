/*
 * Signatures of JWTs (RFC 7518 §3), by OpenSSL. libjwt 1.10 cannot do it:
 * jwt_decode() refuses every typ but JWT, and RFC 9068 demands at+jwt. So the
 * public keys are parsed once, not for each token, too.
 */
#include "auth_internal.h"

#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

static bool verify(EVP_PKEY *, const char *, size_t, const unsigned char *,
    size_t);

void
auth_hmac(const struct auth_key *key, const char *text, size_t len,
    unsigned char *digest)
{
	if (HMAC(EVP_sha256(), key->secret, (int)key->secret_len,
		(const unsigned char *)text, len, digest, NULL) == NULL)
		abort();
}

bool
auth_verify_hs256(const struct auth_key *key, const char *text, size_t len,
    const unsigned char *signature)
{
	unsigned char digest[AUTH_HMAC_SIZE];

	auth_hmac(key, text, len, digest);
	return CRYPTO_memcmp(digest, signature, sizeof(digest)) == 0;
}

bool
auth_verify_rs256(const struct auth_key *key, const char *text, size_t len,
    const unsigned char *signature)
{
	return verify(key->public_key, text, len, signature,
	    key->signature_len);
}

/* JWTs have r and s side by side, OpenSSL wants them in DER. */
bool
auth_verify_es256(const struct auth_key *key, const char *text, size_t len,
    const unsigned char *signature)
{
	ECDSA_SIG     *pair = ECDSA_SIG_new();
	BIGNUM	      *r = BN_bin2bn(signature, 32, NULL);
	BIGNUM	      *s = BN_bin2bn(signature + 32, 32, NULL);
	unsigned char *der = NULL;
	int	       der_len;
	bool	       good;

	if (pair == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(pair, r, s) != 1 ||
	    (der_len = i2d_ECDSA_SIG(pair, &der)) <= 0)
		abort();
	good = verify(key->public_key, text, len, der, (size_t)der_len);
	OPENSSL_free(der);
	ECDSA_SIG_free(pair);
	return good;
}

static bool
verify(EVP_PKEY *key, const char *text, size_t len,
    const unsigned char *signature, size_t signature_len)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool	    good;

	good = context != NULL &&
	    EVP_DigestVerifyInit(context, NULL, EVP_sha256(), NULL, key) == 1 &&
	    EVP_DigestVerify(context, signature, signature_len,
		(const unsigned char *)text, len) == 1;
	EVP_MD_CTX_free(context);
	/* A refused signature leaves errors that others would take theirs. */
	ERR_clear_error();
	return good;
}
