/*
 * Signatures of JWTs (RFC 7518 §3). The key has been parsed when it was read,
 * and it alone says which algorithms these are.
 */
#include <openssl/crypto.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#include "auth_signature.h"

#define HALF	32 /* bytes of r and of s: P-256 */
#define DER_MAX 80 /* of both in DER */

static bool is_hmac(EVP_MD_CTX *, const struct auth_key *, const char *, size_t,
    const unsigned char *);
static bool is_signature(EVP_MD_CTX *, const struct auth_key *,
    enum auth_algorithm, const char *, size_t, const unsigned char *);
static bool pads(EVP_PKEY_CTX *);
static size_t der(const unsigned char *, unsigned char *);

bool
auth_signature_good(const struct auth_key *key, enum auth_algorithm algorithm,
    const char *text, size_t len, const unsigned char *signature)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool	    good;

	if (context == NULL)
		abort();
	good = algorithm == AUTH_HS256 ?
	    is_hmac(context, key, text, len, signature) :
	    is_signature(context, key, algorithm, text, len, signature);
	EVP_MD_CTX_free(context);
	/* A refused signature leaves errors that others would take theirs. */
	ERR_clear_error();
	return good;
}

/* Compared in a time that does not tell how much of it is right. */
static bool
is_hmac(EVP_MD_CTX *context, const struct auth_key *key, const char *text,
    size_t len, const unsigned char *signature)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	size_t	      mac_len = sizeof(mac);

	return EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL,
		   key->pkey) == 1 &&
	    EVP_DigestSign(context, mac, &mac_len, (const unsigned char *)text,
		len) == 1 &&
	    mac_len == key->signature_len &&
	    CRYPTO_memcmp(mac, signature, mac_len) == 0;
}

static bool
is_signature(EVP_MD_CTX *context, const struct auth_key *key,
    enum auth_algorithm algorithm, const char *text, size_t len,
    const unsigned char *signature)
{
	/* EdDSA hashes for itself. */
	const EVP_MD *hash = algorithm == AUTH_EDDSA ? NULL : EVP_sha256();
	EVP_PKEY_CTX *options;
	unsigned char ec[DER_MAX];
	size_t	      signature_len = key->signature_len;

	if (algorithm == AUTH_ES256) {
		signature_len = der(signature, ec);
		signature = ec;
	}
	return EVP_DigestVerifyInit(context, &options, hash, NULL, key->pkey) ==
	    1 &&
	    (algorithm != AUTH_PS256 || pads(options)) &&
	    EVP_DigestVerify(context, signature, signature_len,
		(const unsigned char *)text, len) == 1;
}

/* RFC 7518 §3.5: the salt is as long as the hash, which MGF1 uses too. */
static bool
pads(EVP_PKEY_CTX *options)
{
	return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) ==
	    1 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) ==
	    1;
}

/* A JWT has r and s as they are, libcrypto wants them in DER. */
static size_t
der(const unsigned char *raw, unsigned char *out)
{
	ECDSA_SIG *pair = ECDSA_SIG_new();
	BIGNUM	  *r = BN_bin2bn(raw, HALF, NULL);
	BIGNUM	  *s = BN_bin2bn(raw + HALF, HALF, NULL);
	int	   len;

	if (pair == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(pair, r, s) != 1 ||
	    (len = i2d_ECDSA_SIG(pair, &out)) <= 0)
		abort();
	ECDSA_SIG_free(pair);
	return (size_t)len;
}
