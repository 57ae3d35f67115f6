/*
 * Makes tokens of any shape for test_auth.c, good and bad, with OpenSSL
 * alone: what the service does with libjwt is judged by something else.
 */
#ifndef CASEWORK_UNIT_TOKEN_H
#define CASEWORK_UNIT_TOKEN_H

#include <openssl/bio.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <string.h>

#include "arena.h"
#include "base64url.h"

static inline const char *
token_base64(struct arena *arena, const void *bytes, size_t len)
{
	char	*text = arena_alloc(arena, BASE64URL_LENGTH(len) + 1);

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
	unsigned char	 digest[32];

	HMAC(EVP_sha256(), secret, (int)len, (const unsigned char *)body,
	    strlen(body), digest, NULL);
	return arena_printf(arena, "%s.%s", body,
	    token_base64(arena, digest, sizeof(digest)));
}

/* The raw signature: RSA's as it is, ECDSA's as r and s. */
static inline size_t
token_signature(EVP_PKEY *key, const char *body, unsigned char *out)
{
	unsigned char		 buffer[1024];
	const unsigned char	*der = buffer;
	size_t			 len = sizeof(buffer);
	EVP_MD_CTX		*context = EVP_MD_CTX_new();
	ECDSA_SIG		*pair;

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
	unsigned char	 signature[1024];
	size_t		 len = token_signature(key, body, signature);

	return arena_printf(arena, "%s.%s", body,
	    token_base64(arena, signature, len));
}

static inline const char *
token_pem(struct arena *arena, EVP_PKEY *key)
{
	BIO		*bio = BIO_new(BIO_s_mem());
	char		*data;
	const char	*pem;
	long		 len;

	PEM_write_bio_PUBKEY(bio, key);
	len = BIO_get_mem_data(bio, &data);
	pem = arena_strndup(arena, data, (size_t)len);
	BIO_free(bio);
	return pem;
}

#endif
