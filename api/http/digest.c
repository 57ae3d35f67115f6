/*
 * Digests of a file: see digest.h.
 */
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "digest.h"
#include "hex.h"
#include "structured.h"

#define BYTES_MAX  64
#define BASE64(n)  (((n) + 2) / 3 * 4)
#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

/* RFC 9530 calls all others insecure. */
static const struct {
	const char *key;
	size_t	    len, bytes;
} algorithms[] = {
	{ "sha-256", 7, DIGEST_SHA256_BYTES },
	{ "sha-512", 7, 64 },
};

struct digests {
	char hex[ALGORITHMS][2 * BYTES_MAX + 1]; /* "": not claimed */
};

static const char *read_members(const char *, struct digests *);
static size_t	   find(const char *, size_t);
static bool	   read_hex(const char *, size_t, size_t, char *);
static const char *claim(struct arena *, const struct digests *, size_t);

/* The last member of a key counts, as in every dictionary of RFC 8941. */
const char *
digest_read(struct arena *arena, const char *value, const char **fault)
{
	struct digests found = { 0 };
	const char    *end = read_members(value + strspn(value, " "), &found);
	const char    *both;

	*fault = "Write it as RFC 9530 says: sha-256=:44 characters of base64:";
	if (end == NULL || end[strspn(end, " ")] != '\0')
		return NULL;
	*fault = "It has neither sha-256 nor sha-512: nothing else is checked.";
	if (*found.hex[0] == '\0' && *found.hex[1] == '\0')
		return NULL;
	*fault = NULL;
	both = *found.hex[0] != '\0' && *found.hex[1] != '\0' ? "," : "";
	return arena_printf(arena, "{%s%s%s}", claim(arena, &found, 0), both,
	    claim(arena, &found, 1));
}

/* "name":"hex", or nothing */
static const char *
claim(struct arena *arena, const struct digests *found, size_t i)
{
	return *found->hex[i] == '\0' ? "" :
					arena_printf(arena, "\"%s\":\"%s\"",
					    algorithms[i].key, found->hex[i]);
}

/* key "=" bytes parameters, and so on behind commas; what follows the last */
static const char *
read_members(const char *p, struct digests *found)
{
	const char *key, *bytes;
	size_t	    i;

	for (;;) {
		key = p;
		p = structured_key(p);
		if (p == NULL || *p != '=')
			return NULL;
		i = find(key, (size_t)(p - key));
		bytes = p + 2;
		p = structured_bytes(p + 1);
		if (p == NULL)
			return NULL;
		if (i < ALGORITHMS &&
		    !read_hex(bytes, (size_t)(p - 1 - bytes),
			algorithms[i].bytes, found->hex[i]))
			return NULL;
		p = structured_parameters(p);
		if (p == NULL)
			return NULL;
		bytes = p + strspn(p, " \t");
		if (*bytes != ',')
			return p;
		p = bytes + 1;
		p += strspn(p, " \t");
	}
}

/* ALGORITHMS: it is none that is checked. */
static size_t
find(const char *key, size_t len)
{
	size_t i;

	for (i = 0; i < ALGORITHMS; i++)
		if (len == algorithms[i].len &&
		    memcmp(key, algorithms[i].key, len) == 0)
			break;
	return i;
}

/* Base64 of so many bytes, with its padding, and nothing else. */
static bool
read_hex(const char *text, size_t len, size_t bytes, char *hex)
{
	unsigned char padded[BASE64(BYTES_MAX)];
	const size_t  padding = BASE64(bytes) / 4 * 3 - bytes;

	if (len != BASE64(bytes) ||
	    memchr(text, '=', len) != text + len - padding ||
	    EVP_DecodeBlock(padded, (const unsigned char *)text, (int)len) < 0)
		return false;
	(void)hex_encode(hex, padded, bytes);
	return true;
}

const char *
digest_write(struct arena *arena, const void *sha256)
{
	unsigned char text[BASE64(DIGEST_SHA256_BYTES) + 1];

	(void)EVP_EncodeBlock(text, sha256, DIGEST_SHA256_BYTES);
	return arena_printf(arena, "sha-256=:%s:", (const char *)text);
}
