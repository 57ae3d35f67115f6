/*
 * Paging cursors: base64url(version | tag | keys). The tag is HMAC-SHA256,
 * cut to 16 bytes, over the length-prefixed context and everything but
 * itself. Each key is "=text" NUL, or "-" NUL for SQL NULL.
 */
#include "cursor.h"

#include <assert.h>
#include <errno.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base64url.h"

#define VERSION	   1
#define TAG_SIZE   16
#define HEAD_SIZE  (1 + TAG_SIZE)
#define SECRET_MIN 32
#define SECRET_MAX 4096

/* Holds the key schedule: starting again from it saves two hash blocks. */
static EVP_MAC_CTX *mac;

static EVP_MAC_CTX *mac_new(const unsigned char *, size_t);
static void	    sign(const char *, const char *, size_t, unsigned char *);

int
cursor_load(const char *file, char *err, size_t errlen)
{
	unsigned char secret[SECRET_MAX];
	EVP_MAC_CTX  *loaded;
	FILE	     *stream;
	size_t	      len;

	if ((stream = fopen(file, "re")) == NULL) {
		snprintf(err, errlen, "%s: %s", file, strerror(errno));
		return -1;
	}
	len = fread(secret, 1, sizeof(secret), stream);
	fclose(stream);
	if (len < SECRET_MIN) {
		snprintf(err, errlen, "%s: the secret has fewer than %d bytes",
		    file, SECRET_MIN);
		return -1;
	}
	loaded = mac_new(secret, len);
	OPENSSL_cleanse(secret, sizeof(secret));
	if (loaded == NULL) {
		snprintf(err, errlen, "%s: OpenSSL has no HMAC-SHA256", file);
		return -1;
	}
	EVP_MAC_CTX_free(mac);
	mac = loaded;
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

static EVP_MAC_CTX *
mac_new(const unsigned char *secret, size_t len)
{
	char	   digest[] = "SHA256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
		    0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	EVP_MAC_CTX *new = EVP_MAC_CTX_new(hmac);

	EVP_MAC_free(hmac);
	if (new != NULL && EVP_MAC_init(new, secret, len, params) == 1)
		return new;
	EVP_MAC_CTX_free(new);
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
