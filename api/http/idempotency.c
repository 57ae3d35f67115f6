/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): the key of a
 * write, and the fingerprint of the request that it stands for. What they do is
 * in sql/rules/base/idempotency.sql.
 *
 * The database keeps fingerprints, and a body may be easily guessed, as a PIN
 * is: so they are made with a secret that is not there.
 */
#include <assert.h>
#include <ctype.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "idempotency.h"
#include "secret.h"

#define KEY_MAX 255

static EVP_MAC_CTX *mac;

const char *
idempotency_key(struct arena *arena, const char *value, const char **fault)
{
	size_t len = strlen(value), n = 0;
	char  *key = arena_alloc(arena, len + 1), c;
	bool   quoted = *value == '"';

	*fault = "Write a text of 1 to 255 printable ASCII characters, quoted.";

	if (quoted && (len < 2 || value[--len] != '"'))
		return NULL;
	for (value += quoted, len -= quoted; len > 0; value++, len--) {
		c = *value;
		if (quoted && c == '\\') {
			if (--len == 0)
				return NULL;
			c = *++value;
			if (c != '"' && c != '\\')
				return NULL;
		} else if (c == '"' || !isprint((unsigned char)c) ||
		    (!quoted && strchr(" ,;\\", c) != NULL))
			return NULL;
		key[n++] = c;
	}
	key[n] = '\0';
	if (n == 0 || n > KEY_MAX)
		return NULL;
	*fault = NULL;
	return key;
}

int
idempotency_load(const char *file, char *err, size_t errlen)
{
	unsigned char secret[SECRET_MAX];
	size_t	      len;

	if (secret_read(file, secret, &len, err, errlen) == -1)
		return -1;
	EVP_MAC_CTX_free(mac);
	mac = secret_mac(secret, len, "casework idempotency fingerprint");
	OPENSSL_cleanse(secret, sizeof(secret));
	if (mac == NULL)
		snprintf(err, errlen, "OpenSSL has no HMAC-SHA256");
	return mac == NULL ? -1 : 0;
}

const char *
idempotency_fingerprint(struct arena *arena,
    const struct idempotency_part *part, size_t nparts)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	size_t	      len = 0, k;
	char	     *hex;
	bool	      ok;

	assert(mac != NULL);
	ok = EVP_MAC_init(mac, NULL, 0, NULL) == 1;
	for (k = 0; ok && k < nparts; k++)
		ok = EVP_MAC_update(mac, (const unsigned char *)&part[k].len,
			 sizeof(part[k].len)) == 1 &&
		    EVP_MAC_update(mac, part[k].bytes, part[k].len) == 1;
	if (!ok || EVP_MAC_final(mac, md, &len, sizeof(md)) != 1)
		abort();
	hex = arena_alloc(arena, 2 * len + 1);
	(void)hex_encode(hex, md, len);
	return hex;
}
