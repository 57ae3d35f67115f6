/*
 * Keys, and tokens of any shape, good and bad, for the tests of api/auth*.c.
 */
#ifndef CASEWORK_UNIT_TOKEN_H
#define CASEWORK_UNIT_TOKEN_H

#include <jansson.h>
#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "auth.h"
#include "auth_counts.h"
#include "auth_issuers.h"
#include "auth_keys.h"
#include "auth_settings.h"
#include "base64url.h"
#include "scopes.h"
#include "unit.h"

static inline const char *
token_base64(struct arena *arena, const void *bytes, size_t len)
{
	char *text = arena_alloc(arena, BASE64URL_LENGTH(len) + 1);

	base64url_encode(bytes, len, text);
	return text;
}

/* "header.claims" */
static inline const char *
token_body(struct arena *arena, const char *header, const char *claims)
{
	return arena_printf(arena, "%s.%s",
	    token_base64(arena, header, strlen(header)),
	    token_base64(arena, claims, strlen(claims)));
}

static inline const char *
token_hmac(struct arena *arena, const char *body, const void *secret,
    size_t len)
{
	unsigned char digest[32];

	HMAC(EVP_sha256(), secret, (int)len, (const unsigned char *)body,
	    strlen(body), digest, NULL);
	return arena_printf(arena, "%s.%s", body,
	    token_base64(arena, digest, sizeof(digest)));
}

/* The raw signature: RSA's as it is, ECDSA's as r and s. */
static inline size_t
token_signature(EVP_PKEY *key, const char *body, unsigned char *out)
{
	unsigned char	     buffer[1024];
	const unsigned char *der = buffer;
	size_t		     len = sizeof(buffer);
	EVP_MD_CTX	    *context = EVP_MD_CTX_new();
	ECDSA_SIG	    *pair;

	EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key);
	EVP_DigestSign(context, buffer, &len, (const unsigned char *)body,
	    strlen(body));
	EVP_MD_CTX_free(context);
	if (EVP_PKEY_is_a(key, "RSA")) {
		memcpy(out, buffer, len);
		return len;
	}
	pair = d2i_ECDSA_SIG(NULL, &der, (long)len);
	BN_bn2binpad(ECDSA_SIG_get0_r(pair), out, 32);
	BN_bn2binpad(ECDSA_SIG_get0_s(pair), out + 32, 32);
	ECDSA_SIG_free(pair);
	return 64;
}

static inline const char *
token_sign(struct arena *arena, const char *body, EVP_PKEY *key)
{
	unsigned char signature[1024];
	size_t	      len = token_signature(key, body, signature);

	return arena_printf(arena, "%s.%s", body,
	    token_base64(arena, signature, len));
}

static inline const char *
token_pem_of(struct arena *arena, BIO *bio)
{
	char	   *data;
	long	    len = BIO_get_mem_data(bio, &data);
	const char *pem = arena_strndup(arena, data, (size_t)len);

	BIO_free(bio);
	return pem;
}

static inline const char *
token_pem(struct arena *arena, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PUBKEY(bio, key);
	return token_pem_of(arena, bio);
}

static inline const char *
token_private_pem(struct arena *arena, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());

	PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	return token_pem_of(arena, bio);
}

#define NOW    1800000000
#define SECRET "0123456789abcdef0123456789abcdef"
#define OTHER  "fedcba9876543210fedcba9876543210"
#define ISSUER "https://auth.casework.example"
#define HS     "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"hs\"}"
#define RS     "{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"rs\"}"
#define ES     "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"es\"}"

static struct arena *arena;
static EVP_PKEY	    *rsa, *ec, *other_rsa, *other_ec;
static const char   *rsa_pem, *ec_pem, *why;
static uint64_t	     read_cases, write_cases; /* that tokens grant */
static char	     file[] = "/tmp/casework-unit-XXXXXX";

static inline void
write_file(json_t *keys)
{
	json_dump_file(keys, file, 0);
	json_decref(keys);
}

static inline json_t *
good_keys(void)
{
	return json_pack("{s[{ss ss ss}{ss ss ss}{ss ss ss}]}", "keys", "kid",
	    "hs", "alg", "HS256", "secret",
	    token_base64(arena, SECRET, strlen(SECRET)), "kid", "rs", "alg",
	    "RS256", "public_key", rsa_pem, "kid", "es", "alg", "ES256",
	    "public_key", ec_pem);
}

static inline int
load(json_t *keys, char *err)
{
	write_file(keys);
	return auth_load(file, ISSUER, "casework", err, 256);
}

/* Of the issuer that has one of that kid; NULL: none, or several. */
static inline const struct auth_key *
key_of(const char *kid)
{
	size_t found;

	return auth_issuers_key(kid, NULL, &found);
}

/* The usual claims, with changes: a JSON object; null takes one away. */
static inline const char *
claims_with(const char *changes)
{
	json_t	   *claims, *value;
	json_t	   *change = json_loads(changes, 0, NULL);
	const char *name, *text;
	char	   *dump;

	claims = json_pack("{ss ss sI sI ss ss ss ss}", "iss", ISSUER, "aud",
	    "casework", "iat", (json_int_t)NOW, "exp", (json_int_t)(NOW + 60),
	    "sub", "contact:17", "scope", "cases:read cases:write", "client_id",
	    "test", "jti", "1");
	json_object_foreach (change, name, value) {
		if (json_is_null(value))
			json_object_del(claims, name);
		else
			json_object_set(claims, name, value);
	}
	dump = json_dumps(claims, JSON_COMPACT);
	text = arena_strdup(arena, dump);
	free(dump);
	json_decref(claims);
	json_decref(change);
	return text;
}

static inline const struct caller *
verify_at(int64_t now, const char *token, size_t len)
{
	return auth_verify(&(struct auth_try){ .token = token,
			       .len = len,
			       .source = "192.0.2.1",
			       .now = now },
	    &why);
}

static inline const struct caller *
verify(const char *token)
{
	return verify_at(NOW, token, strlen(token));
}

static inline const char *
hs(const char *header, const char *claims)
{
	return token_hmac(arena, token_body(arena, header, claims), SECRET,
	    strlen(SECRET));
}

static inline void
token_start(void)
{
	static const struct auth_settings lenient = { "allow", 86400 };
	char				  err[256] = "";

	auth_configure(&lenient);
	read_cases = scopes_learn("cases:read");
	write_cases = scopes_learn("cases:write");
	arena = arena_new();
	rsa = EVP_RSA_gen(2048);
	other_rsa = EVP_RSA_gen(2048);
	ec = EVP_EC_gen("P-256");
	other_ec = EVP_EC_gen("P-256");
	rsa_pem = token_pem(arena, rsa);
	ec_pem = token_pem(arena, ec);
	close(mkstemp(file));
	unit_check(__FILE__, __LINE__, load(good_keys(), err) == 0, "load",
	    err);
}

static inline void
token_stop(void)
{
	unlink(file);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other_rsa);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(other_ec);
	arena_free(arena);
}

#endif
