/*
 * Only what is understood is taken over, member by member: nothing else of what
 * an issuer says gets into the database. And only keys of a kind and size that
 * the service verifies with (auth/auth_key.c), so that it is told when an
 * issuer has none; whether one is sound the service finds out.
 */
#include <stdbool.h>
#include <string.h>

#include "base64url.h"
#include "json.h"
#include "key_set.h"
#include "utf8.h"

#define KID_MAX	   128	/* characters */
#define VALUE_MAX  2048 /* bytes; a modulus of 8192 bits has 1366 */
#define POINT_HALF 32	/* bytes of a coordinate: P-256, Ed25519 */
#define RSA_MIN	   2048 /* bits */
#define RSA_MAX	   4096

static const struct issuer_fault not_json = { "not_json",
	"What was to be its key set is not strict JSON." };
static const struct issuer_fault no_set = { "no_key_set",
	"What was to be its key set is no JSON object with an array keys." };
static const struct issuer_fault private_key = { "private_key",
	"Its key set holds a private key: whoever publishes it has to make new "
	"keys." };
static const struct issuer_fault kid_twice = { "kid_twice",
	"Its key set holds two keys of one kid." };
static const struct issuer_fault too_many = { "too_many_keys",
	"Its key set holds more than 64 keys that sign." };
static const struct issuer_fault no_key = { "no_usable_key",
	"Its key set holds no key that can be used: RSA of 2048 to 4096 bits "
	"(RS256, PS256), EC on P-256 (ES256) or OKP on Ed25519 (EdDSA), with a "
	"kid, for signatures." };
static const struct issuer_fault metadata_not_json = { "not_json",
	"Its metadata are no strict JSON." };
static const struct issuer_fault other_issuer = { "other_issuer",
	"Its metadata name another issuer, or none: they must be equal to the "
	"character." };
static const struct issuer_fault no_jwks_uri = { "no_jwks_uri",
	"Its metadata have no jwks_uri that is a URL of 2000 characters at "
	"most." };

static bool is_rsa(const json_t *);
static bool is_p256(const json_t *);
static bool is_ed25519(const json_t *);

/* What makes a key, of each type: all of them must be there. */
static const struct {
	const char *kty, *members[3], *algorithms[2];
	bool (*fits)(const json_t *);
} types[] = {
	{ "RSA", { "n", "e" }, { "RS256", "PS256" }, is_rsa },
	{ "EC", { "crv", "x", "y" }, { "ES256" }, is_p256 },
	{ "OKP", { "crv", "x" }, { "EdDSA" }, is_ed25519 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t	  *clean(const json_t *);
static bool	   has_kid(const json_t *, const char *);
static bool	   is_private(const json_t *);
static bool	   is_for(const json_t *, size_t);
static size_t	   number(const json_t *, const char *, unsigned char *);
static bool	   may_sign(const json_t *);
static const char *text(const json_t *, const char *);
static void	   take(json_t *, const json_t *, const char *);
static bool	   is_url(const char *);

json_t *
key_set_read(const char *bytes, size_t len, const struct issuer_fault **fault)
{
	char	err[256];
	json_t *set = json_parse_strict(bytes, len, err, sizeof(err)), *key;
	json_t *keys = json_object_get(set, "keys"), *good = json_array();
	size_t	i;

	*fault = set == NULL	 ? &not_json :
	    !json_is_array(keys) ? &no_set :
				   NULL;
	json_array_foreach (keys, i, key)
		if (is_private(key))
			*fault = &private_key;
	json_array_foreach (keys, i, key) {
		if (*fault != NULL || (key = clean(key)) == NULL)
			continue;
		if (has_kid(good, text(key, "kid")))
			*fault = &kid_twice;
		else if (json_array_size(good) == KEY_SET_KEYS_MAX)
			*fault = &too_many;
		json_array_append_new(good, key);
	}
	if (*fault == NULL && json_array_size(good) == 0)
		*fault = &no_key;
	json_decref(set);
	if (*fault == NULL)
		return good;
	json_decref(good);
	return NULL;
}

/* A key of its own with the members that are known, or NULL. */
static json_t *
clean(const json_t *key)
{
	const char *kty = text(key, "kty"), *kid = text(key, "kid");
	json_t	   *good;
	size_t	    i, k;

	for (i = 0; i < COUNT(types); i++)
		if (kty != NULL && strcmp(kty, types[i].kty) == 0)
			break;
	if (i == COUNT(types) || kid == NULL || *kid == '\0' ||
	    utf8_length(kid, strlen(kid)) > KID_MAX || !may_sign(key) ||
	    !is_for(key, i) || !types[i].fits(key))
		return NULL;
	good = json_object();
	take(good, key, "kty");
	take(good, key, "kid");
	if (json_object_get(key, "use") != NULL)
		take(good, key, "use");
	if (json_object_get(key, "alg") != NULL)
		take(good, key, "alg");
	for (k = 0; k < COUNT(types[i].members); k++)
		if (types[i].members[k] != NULL)
			take(good, key, types[i].members[k]);
	return good;
}

/* RFC 7517 4.4: what is not said may be any of its type. */
static bool
is_for(const json_t *key, size_t type)
{
	const char *alg = text(key, "alg"), *one;
	size_t	    i;

	for (i = 0; i < COUNT(types[type].algorithms); i++) {
		one = types[type].algorithms[i];
		if (alg != NULL && one != NULL && strcmp(alg, one) == 0)
			return true;
	}
	return json_object_get(key, "alg") == NULL;
}

static bool
is_rsa(const json_t *key)
{
	static const unsigned char f4[] = { 1, 0, 1 };
	unsigned char bytes[BASE64URL_BYTES(VALUE_MAX)], *n = bytes;
	unsigned char e[BASE64URL_BYTES(VALUE_MAX)];
	size_t	      len = number(key, "n", bytes), bits;

	for (; len > 0 && *n == 0; len--)
		n++;
	bits = len * 8;
	while (len > 0 && bits > 0 && (*n & 0x80U >> (len * 8 - bits)) == 0)
		bits--;
	return bits >= RSA_MIN && bits <= RSA_MAX &&
	    number(key, "e", e) == sizeof(f4) && memcmp(e, f4, sizeof(f4)) == 0;
}

static bool
is_p256(const json_t *key)
{
	unsigned char bytes[BASE64URL_BYTES(VALUE_MAX)];
	const char   *crv = text(key, "crv");

	return crv != NULL && strcmp(crv, "P-256") == 0 &&
	    number(key, "x", bytes) == POINT_HALF &&
	    number(key, "y", bytes) == POINT_HALF;
}

static bool
is_ed25519(const json_t *key)
{
	unsigned char bytes[BASE64URL_BYTES(VALUE_MAX)];
	const char   *crv = text(key, "crv");

	return crv != NULL && strcmp(crv, "Ed25519") == 0 &&
	    number(key, "x", bytes) == POINT_HALF;
}

/* Its bytes (of VALUE_MAX characters at most), or 0 if it is none. */
static size_t
number(const json_t *key, const char *name, unsigned char *bytes)
{
	const char *value = text(key, name);
	ssize_t	    len = -1;

	if (value != NULL && strlen(value) <= VALUE_MAX)
		len = base64url_decode(value, strlen(value), bytes);
	return len > 0 ? (size_t)len : 0;
}

static bool
has_kid(const json_t *keys, const char *kid)
{
	const json_t *key;
	size_t	      i;

	json_array_foreach (keys, i, key)
		if (strcmp(text(key, "kid"), kid) == 0)
			return true;
	return false;
}

/* Half of a pair that is nobody else's (RFC 7518 6.2.2, 6.3.2; RFC 8037). */
static bool
is_private(const json_t *key)
{
	static const char *const parts[] = { "d", "p", "q", "dp", "dq", "qi",
		"oth" };
	size_t			 i;

	for (i = 0; i < COUNT(parts); i++)
		if (json_object_get(key, parts[i]) != NULL)
			return true;
	return false;
}

/* RFC 7517 4.2, 4.3: what is not said may be anything. */
static bool
may_sign(const json_t *key)
{
	const json_t *use = json_object_get(key, "use"), *op;
	const json_t *ops = json_object_get(key, "key_ops");
	size_t	      i;
	bool	      verifies = ops == NULL;

	json_array_foreach (ops, i, op)
		verifies |= json_is_string(op) &&
		    strcmp(json_string_value(op), "verify") == 0;
	return verifies &&
	    (use == NULL ||
		(json_is_string(use) &&
		    strcmp(json_string_value(use), "sig") == 0));
}

static const char *
text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

static void
take(json_t *good, const json_t *key, const char *name)
{
	json_object_set(good, name, json_object_get(key, name));
}

const struct issuer_fault *
key_set_find(const char *bytes, size_t len, const char *issuer, char *url)
{
	char	    err[256];
	json_t	   *set = json_parse_strict(bytes, len, err, sizeof(err));
	const char *named = text(set, "issuer"), *uri = text(set, "jwks_uri");
	const struct issuer_fault *fault = NULL;

	if (set == NULL)
		fault = &metadata_not_json;
	else if (named == NULL || strcmp(named, issuer) != 0)
		fault = &other_issuer;
	else if (uri == NULL || !is_url(uri))
		fault = &no_jwks_uri;
	else
		strcpy(url, uri);
	json_decref(set);
	return fault;
}

/* As far as it matters before somebody takes it apart: what it leads to, and
 * whether by https, is judged at the connection. */
static bool
is_url(const char *uri)
{
	const char *p;

	for (p = uri; *p > ' ' && *p < 0x7f; p++)
		;
	return *p == '\0' && p - uri <= KEY_SET_URL_MAX &&
	    (strncmp(uri, "https://", 8) == 0 ||
		strncmp(uri, "http://", 7) == 0);
}
