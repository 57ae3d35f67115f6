/*
 * Public keys from their numbers (RFC 7518 §6, RFC 8037 §2).
 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#include "auth_jwk.h"
#include "base64url.h"

#define NUMBER_MAX 1024 /* bytes */
#define POINT_HALF 32	/* bytes of a coordinate: P-256, Ed25519 */

static const char *read_rsa(struct auth_key *, const json_t *);
static const char *read_ec(struct auth_key *, const json_t *);
static const char *read_okp(struct auth_key *, const json_t *);

/* Of algorithms with the same key the first is found where none is said. */
static const struct {
	const char	   *kty;
	enum auth_algorithm algorithm;
	const char *(*read)(struct auth_key *, const json_t *);
} types[] = {
	{ "RSA", AUTH_RS256, read_rsa },
	{ "RSA", AUTH_PS256, read_rsa },
	{ "EC", AUTH_ES256, read_ec },
	{ "OKP", AUTH_EDDSA, read_okp },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static size_t	   type_of(const json_t *);
static bool	   is_for(const json_t *, const char *name, const char *value);
static size_t	   number(const json_t *, const char *name, unsigned char *);
static const char *make(struct auth_key *, const char *type, OSSL_PARAM_BLD *);

bool
auth_jwk_concerns(const json_t *jwk)
{
	const json_t *ops = json_object_get(jwk, "key_ops"), *op;
	size_t	      i;
	bool	      verifies = ops == NULL;

	json_array_foreach (ops, i, op)
		verifies |= json_is_string(op) &&
		    strcmp(json_string_value(op), "verify") == 0;
	return verifies && is_for(jwk, "use", "sig") &&
	    type_of(jwk) < COUNT(types);
}

const char *
auth_jwk_read(struct auth_key *key, const json_t *jwk)
{
	size_t i = type_of(jwk);

	if (json_object_get(jwk, "d") != NULL ||
	    json_object_get(jwk, "k") != NULL)
		return "is a private key: it is no secret any more, make a new "
		       "one";
	if (i == COUNT(types))
		return "is of a type or algorithm that is not known here";
	key->algorithm = types[i].algorithm;
	/* RFC 7517 4.4: which one it is for need not be said. */
	key->pss_too =
	    key->algorithm == AUTH_RS256 && json_object_get(jwk, "alg") == NULL;
	return types[i].read(key, jwk);
}

static size_t
type_of(const json_t *jwk)
{
	const char *kty = json_string_value(json_object_get(jwk, "kty"));
	size_t	    i;

	for (i = 0; i < COUNT(types); i++) {
		if (kty != NULL && strcmp(kty, types[i].kty) == 0 &&
		    is_for(jwk, "alg",
			auth_algorithm_names[types[i].algorithm]))
			break;
	}
	return i;
}

/* What is not said may be anything. */
static bool
is_for(const json_t *jwk, const char *name, const char *value)
{
	const json_t *said = json_object_get(jwk, name);

	return said == NULL ||
	    (json_is_string(said) &&
		strcmp(json_string_value(said), value) == 0);
}

static const char *
read_rsa(struct auth_key *key, const json_t *jwk)
{
	static const char fault[] = "needs the numbers n and e in base64url";
	unsigned char	  bytes[2][NUMBER_MAX];
	size_t		  n = number(jwk, "n", bytes[0]);
	size_t		  e = number(jwk, "e", bytes[1]);
	OSSL_PARAM_BLD	 *build;
	BIGNUM		 *modulus, *exponent;
	const char	 *made;

	if (n == 0 || e == 0)
		return fault;
	modulus = BN_bin2bn(bytes[0], (int)n, NULL);
	exponent = BN_bin2bn(bytes[1], (int)e, NULL);
	build = OSSL_PARAM_BLD_new();
	if (modulus == NULL || exponent == NULL || build == NULL ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus) !=
		1 ||
	    OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent) != 1)
		abort();
	made = make(key, "RSA", build);
	BN_free(modulus);
	BN_free(exponent);
	return made;
}

static const char *
read_ec(struct auth_key *key, const json_t *jwk)
{
	unsigned char	point[1 + NUMBER_MAX + NUMBER_MAX] = { 4 };
	const char     *crv = json_string_value(json_object_get(jwk, "crv"));
	OSSL_PARAM_BLD *build;

	if (crv == NULL || strcmp(crv, "P-256") != 0)
		return "is not on P-256";
	if (number(jwk, "x", point + 1) != POINT_HALF ||
	    number(jwk, "y", point + 1 + POINT_HALF) != POINT_HALF)
		return "needs x and y, 32 bytes each in base64url";
	build = OSSL_PARAM_BLD_new();
	if (build == NULL ||
	    OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME,
		"prime256v1", 0) != 1 ||
	    OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY,
		point, 1 + 2 * POINT_HALF) != 1)
		abort();
	return make(key, "EC", build);
}

static const char *
read_okp(struct auth_key *key, const json_t *jwk)
{
	unsigned char bytes[NUMBER_MAX];
	const char   *crv = json_string_value(json_object_get(jwk, "crv"));

	if (crv == NULL || strcmp(crv, "Ed25519") != 0)
		return "is not on Ed25519";
	if (number(jwk, "x", bytes) != POINT_HALF)
		return "needs x, 32 bytes in base64url";
	key->pkey = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, bytes,
	    POINT_HALF);
	ERR_clear_error();
	return key->pkey != NULL ? NULL : "is no point of its curve";
}

/* Its bytes, or 0 if it is not there or too long. */
static size_t
number(const json_t *jwk, const char *name, unsigned char *bytes)
{
	const json_t *value = json_object_get(jwk, name);
	size_t	      len = json_string_length(value);
	ssize_t	      count = -1;

	if (json_is_string(value) && len <= BASE64URL_LENGTH(NUMBER_MAX))
		count = base64url_decode(json_string_value(value), len, bytes);
	return count > 0 ? (size_t)count : 0;
}

static const char *
make(struct auth_key *key, const char *type, OSSL_PARAM_BLD *build)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM   *params = OSSL_PARAM_BLD_to_param(build);

	if (context == NULL || params == NULL)
		abort();
	if (EVP_PKEY_fromdata_init(context) != 1 ||
	    EVP_PKEY_fromdata(context, &key->pkey, EVP_PKEY_PUBLIC_KEY,
		params) != 1)
		key->pkey = NULL;
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	EVP_PKEY_CTX_free(context);
	ERR_clear_error();
	return key->pkey != NULL ? NULL : "is no point of its curve";
}
