/*
 * Only what is understood is taken over, member by member: nothing else of what
 * an issuer says gets into the database. Whether a key is a good one the
 * service finds out, which passes over those that are not.
 */
#include <stdbool.h>
#include <string.h>

#include "json.h"
#include "key_set.h"
#include "utf8.h"

#define KID_MAX	  128  /* characters */
#define VALUE_MAX 2048 /* bytes; a modulus of 8192 bits has 1366 */

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
	"Its key set holds no key that can be used: one of type RSA, EC or "
	"OKP, with a kid, for signatures." };
static const struct issuer_fault metadata_not_json = { "not_json",
	"Its metadata are no strict JSON." };
static const struct issuer_fault other_issuer = { "other_issuer",
	"Its metadata name another issuer, or none: they must be equal to the "
	"character." };
static const struct issuer_fault no_jwks_uri = { "no_jwks_uri",
	"Its metadata have no jwks_uri that is a URL of 2000 characters at "
	"most." };

/* What makes a key, of each type: all of them must be there. */
static const struct {
	const char *kty, *members[3];
} types[] = {
	{ "RSA", { "n", "e" } },
	{ "EC", { "crv", "x", "y" } },
	{ "OKP", { "crv", "x" } },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static json_t	  *clean(const json_t *);
static bool	   has_kid(const json_t *, const char *);
static bool	   is_private(const json_t *);
static bool	   may_sign(const json_t *);
static const char *text(const json_t *, const char *);
static bool	   take(json_t *, const json_t *, const char *);
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
	bool	    whole = true;

	for (i = 0; i < COUNT(types); i++)
		if (kty != NULL && strcmp(kty, types[i].kty) == 0)
			break;
	if (i == COUNT(types) || kid == NULL || *kid == '\0' ||
	    utf8_length(kid, strlen(kid)) > KID_MAX || !may_sign(key))
		return NULL;
	good = json_object();
	take(good, key, "kty");
	take(good, key, "kid");
	if (json_object_get(key, "use") != NULL)
		take(good, key, "use");
	if (json_object_get(key, "alg") != NULL)
		whole = take(good, key, "alg");
	for (k = 0; k < COUNT(types[i].members); k++)
		if (types[i].members[k] != NULL)
			whole &= take(good, key, types[i].members[k]);
	if (whole)
		return good;
	json_decref(good);
	return NULL;
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

static bool
take(json_t *good, const json_t *key, const char *name)
{
	json_t *value = json_object_get(key, name);

	if (!json_is_string(value) || json_string_length(value) > VALUE_MAX)
		return false;
	json_object_set(good, name, value);
	return true;
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
