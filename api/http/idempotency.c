/*
 * Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07): the key of a
 * write, and the fingerprint of the request that it stands for. Pure; what they
 * do is in sql/rules/base/idempotency.sql.
 */
#include <ctype.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "idempotency.h"

#define KEY_MAX 255

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

const char *
idempotency_fingerprint(struct arena *arena,
    const struct idempotency_part *part, size_t nparts)
{
	EVP_MD_CTX   *ctx = EVP_MD_CTX_new();
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned      len;
	size_t	      k;
	char	     *hex;
	bool	      ok;

	ok = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL) == 1;
	for (k = 0; ok && k < nparts; k++)
		ok = EVP_DigestUpdate(ctx, &part[k].len, sizeof(part[k].len)) ==
			1 &&
		    EVP_DigestUpdate(ctx, part[k].bytes, part[k].len) == 1;
	if (!ok || EVP_DigestFinal_ex(ctx, md, &len) != 1)
		abort();
	EVP_MD_CTX_free(ctx);
	hex = arena_alloc(arena, 2 * len + 1);
	(void)hex_encode(hex, md, len);
	return hex;
}
