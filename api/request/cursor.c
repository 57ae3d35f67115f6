/*
 * Paging cursors: base64url(version | tag | sealed keys). A synthetic IV (the
 * idea of RFC 5297), so that a position is always the same cursor: the tag is
 * HMAC-SHA256, cut to 16 bytes, over the length-prefixed context, the version
 * and the keys; the keys are sealed by AES-256-CTR that starts at the tag. Each
 * key is "=text" NUL, or "-" NUL for SQL NULL.
 */
#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64url.h"
#include "cursor.h"
#include "secret.h"

#define VERSION	  2
#define TAG_SIZE  16
#define HEAD_SIZE (1 + TAG_SIZE)

/* Both hold their key schedule: starting again from it costs no key set-up. */
static EVP_MAC_CTX    *mac;
static EVP_CIPHER_CTX *cipher;

static EVP_CIPHER_CTX *cipher_new(const unsigned char *);
static void sign(const char *, const char *, size_t, unsigned char *);
static void seal(char *, size_t);

int
cursor_load(const char *file, char *err, size_t errlen)
{
	unsigned char	secret[SECRET_MAX], key[SECRET_KEY];
	EVP_MAC_CTX    *new_mac;
	EVP_CIPHER_CTX *new_cipher;
	size_t		len;

	if (secret_read(file, secret, &len, err, errlen) == -1)
		return -1;
	new_mac = secret_mac(secret, len, "casework cursor tag");
	secret_derive(secret, len, "casework cursor keys", key);
	new_cipher = cipher_new(key);
	OPENSSL_cleanse(secret, sizeof(secret));
	OPENSSL_cleanse(key, sizeof(key));
	if (new_mac == NULL || new_cipher == NULL) {
		EVP_MAC_CTX_free(new_mac);
		EVP_CIPHER_CTX_free(new_cipher);
		snprintf(err, errlen, "OpenSSL has no HMAC-SHA256 or AES-256");
		return -1;
	}
	EVP_MAC_CTX_free(mac);
	EVP_CIPHER_CTX_free(cipher);
	mac = new_mac;
	cipher = new_cipher;
	return 0;
}

const char *
cursor_encode(struct arena *arena, const char *context, const char *const *keys,
    size_t nkeys)
{
	size_t i, len = HEAD_SIZE;
	char  *bytes, *end, *text;

	assert(nkeys <= CURSOR_KEYS_MAX);
	for (i = 0; i < nkeys; i++)
		len += (keys[i] != NULL ? strlen(keys[i]) : 0) + 2;
	bytes = arena_alloc(arena, len);
	bytes[0] = VERSION;
	end = bytes + HEAD_SIZE;
	for (i = 0; i < nkeys; i++) {
		*end++ = keys[i] != NULL ? '=' : '-';
		if (keys[i] != NULL)
			end = stpcpy(end, keys[i]);
		*end++ = '\0';
	}
	sign(context, bytes, len, (unsigned char *)bytes + 1);
	seal(bytes, len);

	text = arena_alloc(arena, BASE64URL_LENGTH(len) + 1);
	base64url_encode(bytes, len, text);
	return text;
}

int
cursor_decode(struct arena *arena, const char *context, const char *cursor,
    const char **keys, size_t nkeys)
{
	unsigned char tag[TAG_SIZE];
	char	     *bytes, *next, *end;
	ssize_t	      len;
	size_t	      i;

	bytes = arena_alloc(arena, BASE64URL_BYTES(strlen(cursor)));
	len = base64url_decode(cursor, strlen(cursor), bytes);
	if (len < HEAD_SIZE || bytes[0] != VERSION)
		return -1;
	seal(bytes, (size_t)len);
	sign(context, bytes, (size_t)len, tag);
	if (CRYPTO_memcmp(tag, bytes + 1, TAG_SIZE) != 0)
		return -1;

	/* Ours from here on, but perhaps from before a change of the keys. */
	next = bytes + HEAD_SIZE;
	end = bytes + len;
	for (i = 0; i < nkeys && next < end; i++) {
		keys[i] = *next == '=' ? next + 1 : NULL;
		next += strlen(next) + 1;
	}
	return i == nkeys && next == end ? 0 : -1;
}

static EVP_CIPHER_CTX *
cipher_new(const unsigned char *key)
{
	EVP_CIPHER_CTX *new = EVP_CIPHER_CTX_new();

	if (new != NULL &&
	    EVP_EncryptInit_ex(new, EVP_aes_256_ctr(), NULL, key, NULL) == 1)
		return new;
	EVP_CIPHER_CTX_free(new);
	return NULL;
}

/* The tag of a whole cursor; the place of the tag itself is left out. */
static void
sign(const char *context, const char *bytes, size_t len, unsigned char *tag)
{
	unsigned char digest[32];
	uint64_t      prefix = strlen(context);
	size_t	      digest_len = 0;
	int	      ok;

	assert(mac != NULL);
	ok = EVP_MAC_init(mac, NULL, 0, NULL) == 1 &&
	    EVP_MAC_update(mac, (unsigned char *)&prefix, sizeof(prefix)) ==
		1 &&
	    EVP_MAC_update(mac, (const unsigned char *)context, prefix) == 1 &&
	    EVP_MAC_update(mac, (const unsigned char *)bytes, 1) == 1 &&
	    EVP_MAC_update(mac, (const unsigned char *)bytes + HEAD_SIZE,
		len - HEAD_SIZE) == 1 &&
	    EVP_MAC_final(mac, digest, &digest_len, sizeof(digest)) == 1;
	/* Fails only without memory; a tag of garbage must never pass. */
	if (!ok || digest_len != sizeof(digest))
		abort();
	memcpy(tag, digest, TAG_SIZE);
}

/* Its own inverse: in counter mode both ways are the same. */
static void
seal(char *bytes, size_t len)
{
	unsigned char *keys = (unsigned char *)bytes + HEAD_SIZE;
	int	       n;

	assert(cipher != NULL);
	if (EVP_EncryptInit_ex(cipher, NULL, NULL, NULL,
		(unsigned char *)bytes + 1) != 1 ||
	    EVP_EncryptUpdate(cipher, keys, &n, keys, (int)(len - HEAD_SIZE)) !=
		1)
		abort();
}
