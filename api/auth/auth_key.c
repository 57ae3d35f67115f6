/*
 * What a key must be. It is parsed here, once, and whatever could make each
 * check of a signature dearer (long moduli, long exponents) or meaningless (a
 * private key that lies about, another curve, an exponent of 1 or a modulus
 * that anybody can take apart, so that anybody can sign) is refused with a
 * sentence.
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "auth_jwk.h"
#include "auth_key.h"
#include "auth_settings.h"
#include "base64url.h"

#define KID_MAX	     128  /* bytes */
#define SECRET_MIN   32	  /* bytes: RFC 7518 §3.2 */
#define RSA_MIN	     2048 /* bits */
#define RSA_MAX	     4096 /* four times the price of 2048 */
#define RSA_EXPONENT 65537
#define PEM_BEGIN    "-----BEGIN "

const char *const auth_algorithm_names[AUTH_ALGORITHMS] = {
	[AUTH_HS256] = "HS256",
	[AUTH_RS256] = "RS256",
	[AUTH_PS256] = "PS256",
	[AUTH_ES256] = "ES256",
	[AUTH_EDDSA] = "EdDSA",
};

static const char *read_kid(struct auth_key *, const json_t *);
static const char *read_entry(struct auth_key *, const json_t *);
static const char *read_secret(struct auth_key *, const char *);
static const char *decode_secret(struct auth_key *, const char *,
    unsigned char *);
static const char *read_pem(struct auth_key *, const char *);
static const char *fit(struct auth_key *);
static const char *fit_rsa(struct auth_key *);
static const char *fit_ec(struct auth_key *);
static bool	   has_exponent(const EVP_PKEY *, unsigned long);
static bool	   is_sound(EVP_PKEY *);

const char *
auth_key_read(struct auth_key *key, const json_t *entry)
{
	const char *fault = read_kid(key, entry);

	if (fault == NULL)
		fault = json_object_get(entry, "kty") != NULL ?
		    auth_jwk_read(key, entry) :
		    read_entry(key, entry);
	return fault == NULL ? fit(key) : fault;
}

static const char *
read_kid(struct auth_key *key, const json_t *entry)
{
	const char *kid = json_string_value(json_object_get(entry, "kid"));

	if (kid == NULL || *kid == '\0' || strlen(kid) > KID_MAX)
		return "kid must be text of at most 128 bytes";
	if ((key->kid = strdup(kid)) == NULL)
		abort();
	return NULL;
}

/* Of a list that is written by hand: PEM, or a secret. */
static const char *
read_entry(struct auth_key *key, const json_t *entry)
{
	const char *alg = json_string_value(json_object_get(entry, "alg"));
	const char *material;
	int	    i;

	for (i = 0; i < AUTH_ALGORITHMS && alg != NULL; i++) {
		if (strcmp(auth_algorithm_names[i], alg) == 0)
			break;
	}
	if (alg == NULL || i == AUTH_ALGORITHMS)
		return "alg must be HS256, RS256, PS256, ES256 or EdDSA";
	key->algorithm = (enum auth_algorithm)i;
	material = json_string_value(json_object_get(entry,
	    i == AUTH_HS256 ? "secret" : "public_key"));
	if (material == NULL || json_object_size(entry) != 3)
		return "needs kid, alg, and secret (HS256) or public_key "
		       "(others), nothing else";
	return i == AUTH_HS256 ? read_secret(key, material) :
				 read_pem(key, material);
}

void
auth_key_free(struct auth_key *key)
{
	free(key->kid);
	EVP_PKEY_free(key->pkey); /* wipes a secret */
}

/* Both check a signature with the same key, and neither makes the other's. */
bool
auth_key_is_for(const struct auth_key *key, const char *name,
    enum auth_algorithm *found)
{
	*found = key->algorithm;
	if (key->pss_too && strcmp(name, auth_algorithm_names[AUTH_PS256]) == 0)
		*found = AUTH_PS256;
	return strcmp(name, auth_algorithm_names[*found]) == 0;
}

bool
auth_key_dear(const struct auth_key *key)
{
	return key->algorithm != AUTH_HS256;
}

static const char *
read_secret(struct auth_key *key, const char *text)
{
	size_t	       size = BASE64URL_BYTES(strlen(text));
	unsigned char *secret;
	const char    *fault;

	/* Who verifies with it can mint with it, and so can who reads it. */
	if (strcmp(auth_settings->hs256, "allow") != 0)
		return "HS256 keys are refused unless TOKEN_HS256 is allow";
	if ((secret = malloc(size)) == NULL)
		abort();
	fault = decode_secret(key, text, secret);
	OPENSSL_cleanse(secret, size);
	free(secret);
	return fault;
}

static const char *
decode_secret(struct auth_key *key, const char *text, unsigned char *secret)
{
	ssize_t len = base64url_decode(text, strlen(text), secret);

	if (len == -1)
		return text[strspn(text, BASE64URL_ALPHABET)] == '\0' ?
		    "secret is base64url that was cut or altered: no bytes "
		    "end in its last character" :
		    "secret is not base64url without padding";
	if (len < SECRET_MIN)
		return "secret has fewer than 32 bytes";
	if (len > AUTH_SECRET_MAX)
		return "secret has more than 1024 bytes";
	key->pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, secret,
	    (size_t)len);
	if (key->pkey == NULL)
		abort();
	key->signature_len = 32;
	return NULL;
}

/* OpenSSL looks for what it can use among anything; here nothing else is. */
static const char *
read_pem(struct auth_key *key, const char *pem)
{
	static const char begin[] = PEM_BEGIN "PUBLIC KEY-----";
	const char	 *text = pem + strspn(pem, " \t\r\n");
	BIO		 *bio;

	if (strstr(pem, "PRIVATE KEY") != NULL)
		return "public_key holds a private key: it is no secret any "
		       "more, make a new pair";
	if (strncmp(text, begin, strlen(begin)) != 0)
		return "public_key is not a public key in PEM";
	if (strstr(text + 1, PEM_BEGIN) != NULL)
		return "public_key holds more than one thing";
	if ((bio = BIO_new_mem_buf(text, -1)) == NULL)
		abort();
	key->pkey = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);
	BIO_free(bio);
	ERR_clear_error();
	return key->pkey != NULL ? NULL :
				   "public_key is not a public key in PEM";
}

static const char *
fit(struct auth_key *key)
{
	switch (key->algorithm) {
	case AUTH_RS256:
	case AUTH_PS256:
		return fit_rsa(key);
	case AUTH_ES256:
		return fit_ec(key);
	case AUTH_EDDSA:
		key->signature_len = 64;
		return EVP_PKEY_is_a(key->pkey, "ED25519") ?
		    NULL :
		    "is not an Ed25519 key";
	default:
		return NULL;
	}
}

static const char *
fit_rsa(struct auth_key *key)
{
	int bits = EVP_PKEY_get_bits(key->pkey);

	if (!EVP_PKEY_is_a(key->pkey, "RSA"))
		return "is not an RSA key";
	if (bits < RSA_MIN || bits > RSA_MAX)
		return "must have 2048 to 4096 bits";
	if (!has_exponent(key->pkey, RSA_EXPONENT))
		return "must have the exponent 65537";
	if (!is_sound(key->pkey))
		return "has a modulus that is prime, a power or has small "
		       "factors: anybody could sign for it";
	key->signature_len = (size_t)(bits + 7) / 8;
	return NULL;
}

static const char *
fit_ec(struct auth_key *key)
{
	char curve[32];

	if (!EVP_PKEY_is_a(key->pkey, "EC") ||
	    EVP_PKEY_get_group_name(key->pkey, curve, sizeof(curve), NULL) !=
		1 ||
	    strcmp(curve, "prime256v1") != 0)
		return "is not an EC key on P-256";
	if (!is_sound(key->pkey))
		return "is no point of P-256";
	key->signature_len = 64;
	return NULL;
}

static bool
has_exponent(const EVP_PKEY *pkey, unsigned long wanted)
{
	BIGNUM *e = NULL;
	bool	has =
	    EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
	    BN_is_word(e, wanted);

	BN_free(e);
	return has;
}

/*
 * RSA: the modulus is odd, no prime, no power of one and without small factors
 * (SP 800-56B 6.4.2.3); EC: the point is on the curve. Some 5 ms, once.
 */
static bool
is_sound(EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	bool	      sound;

	if (context == NULL)
		abort();
	sound = EVP_PKEY_public_check(context) == 1;
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return sound;
}
