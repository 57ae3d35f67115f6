/*
 * The key list: {"keys":[{"kid":"…","alg":"HS256","secret":"…"}, …]}.
 * Each key has one algorithm, and its material is checked to be good for that.
 * A list replaces the one in use only when all of it is good. No message
 * repeats anything of the file but a kid.
 */
#include <sys/stat.h>

#include <errno.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_cache.h"
#include "auth_keys.h"
#include "auth_settings.h"
#include "auth_signature.h"
#include "base64url.h"
#include "json.h"

#define FILE_MAX   (1024 * 1024)
#define SECRET_MIN 32	/* bytes: RFC 7518 §3.2 */
#define RSA_MIN	   2048 /* bits */
#define RSA_MAX	   8192

static const char *read_secret(struct auth_key *, const char *);
static const char *read_rsa_key(struct auth_key *, const char *);
static const char *read_ec_key(struct auth_key *, const char *);
static const char *use_public_key(struct auth_key *, const char *, size_t);

static const struct auth_algorithm algorithms[] = {
	{ "HS256", "secret", JWT_ALG_HS256, read_secret },
	{ "RS256", "public_key", JWT_ALG_RS256, read_rsa_key },
	{ "ES256", "public_key", JWT_ALG_ES256, read_ec_key },
};
#define ALGORITHMS (sizeof(algorithms) / sizeof(algorithms[0]))

struct key_list {
	size_t		count;
	struct auth_key key[];
};

static struct key_list *keys;
static char	       *path, *issuer, *audience;
static struct stat	seen; /* the file when last read or tried */

static struct key_list *read_list(const char *, char *, size_t);
static json_t	       *read_json(const char *, char *, size_t);
static const char      *read_key(struct auth_key *, json_t *);
static EVP_PKEY	       *read_pem(const char *);
static void		free_list(struct key_list *);
static void		replace(char **, const char *);
static bool		changed(const struct stat *);

int
auth_load(const char *keys_file, const char *iss, const char *aud, char *err,
    size_t errlen)
{
	struct key_list *list = read_list(keys_file, err, errlen);

	if (list == NULL)
		return -1;
	replace(&path, keys_file);
	replace(&issuer, iss);
	replace(&audience, aud);
	free_list(keys);
	keys = list;
	auth_cache_clear();
	return 0;
}

int
auth_reload(char *err, size_t errlen)
{
	struct stat	 now = { 0 };
	struct key_list *list;

	if (path == NULL)
		return 0;
	/* A file that has gone counts as a change, and is reported once. */
	if (stat(path, &now) == -1)
		memset(&now, 0, sizeof(now));
	if (!changed(&now))
		return 0;
	seen = now;
	if ((list = read_list(path, err, errlen)) == NULL)
		return -1;
	free_list(keys);
	keys = list;
	auth_cache_clear();
	return 1;
}

const char *
auth_issuer(void)
{
	return issuer;
}

const char *
auth_audience(void)
{
	return audience;
}

const struct auth_key *
auth_key_find(const char *kid)
{
	size_t i;

	for (i = 0; keys != NULL && i < keys->count; i++) {
		if (strcmp(keys->key[i].kid, kid) == 0)
			return &keys->key[i];
	}
	return NULL;
}

static struct key_list *
read_list(const char *file, char *err, size_t errlen)
{
	json_t		*json = read_json(file, err, errlen);
	json_t		*array = json_object_get(json, "keys");
	struct key_list *list;
	const char	*fault = NULL;
	size_t		 i, j, count = json_array_size(array);

	if (json == NULL)
		return NULL;
	list = calloc(1, sizeof(*list) + count * sizeof(list->key[0]));
	if (list == NULL)
		abort();
	if (count == 0 || json_object_size(json) != 1)
		fault = "must be {\"keys\": […]} with at least one key";
	for (i = 0; i < count && fault == NULL; i++) {
		list->count++;
		fault = read_key(&list->key[i], json_array_get(array, i));
		for (j = 0; j < i && fault == NULL; j++) {
			if (strcmp(list->key[i].kid, list->key[j].kid) == 0)
				fault = "this kid is there twice";
		}
	}
	if (fault != NULL) {
		if (list->count == 0)
			snprintf(err, errlen, "%s: %s", file, fault);
		else
			snprintf(err, errlen,
			    "%s: key %zu (kid \"%.64s\"): "
			    "%s",
			    file, list->count,
			    list->key[i - 1].kid != NULL ?
				list->key[i - 1].kid :
				"",
			    fault);
		free_list(list);
		list = NULL;
	}
	json_decref(json);
	return list;
}

static json_t *
read_json(const char *file, char *err, size_t errlen)
{
	FILE   *stream = fopen(file, "re");
	char   *text = NULL, detail[128];
	json_t *json = NULL;
	size_t	len = 0;

	if (stream == NULL || fstat(fileno(stream), &seen) == -1 ||
	    (text = malloc(FILE_MAX)) == NULL ||
	    ((len = fread(text, 1, FILE_MAX, stream)) == 0 && ferror(stream))) {
		snprintf(err, errlen, "%s: %s", file, strerror(errno));
	} else if (len == FILE_MAX) {
		snprintf(err, errlen, "%s: too long", file);
	} else {
		json = json_parse_strict(text, len, detail, sizeof(detail));
		if (json == NULL)
			snprintf(err, errlen, "%s: %s", file, detail);
		OPENSSL_cleanse(text, len);
	}
	free(text);
	if (stream != NULL)
		fclose(stream);
	return json;
}

/* Returns the fault, or NULL. */
static const char *
read_key(struct auth_key *key, json_t *json)
{
	const char *kid, *alg, *material;
	size_t	    i;

	kid = json_string_value(json_object_get(json, "kid"));
	if (kid == NULL || *kid == '\0')
		return "kid must be text";
	replace(&key->kid, kid);
	alg = json_string_value(json_object_get(json, "alg"));
	for (i = 0; i < ALGORITHMS && alg != NULL; i++) {
		if (strcmp(algorithms[i].name, alg) == 0)
			break;
	}
	if (alg == NULL || i == ALGORITHMS)
		return "alg must be HS256, RS256 or ES256";
	key->algorithm = &algorithms[i];
	material =
	    json_string_value(json_object_get(json, algorithms[i].member));
	if (material == NULL || json_object_size(json) != 3)
		return "needs kid, alg, and secret (HS256) or public_key "
		       "(RS256, ES256), nothing else";
	return algorithms[i].read(key, material);
}

static const char *
read_secret(struct auth_key *key, const char *text)
{
	size_t	       chars = strlen(text);
	ssize_t	       len;
	unsigned char *secret;

	/* Who verifies with it can mint with it, and so can who reads it. */
	if (strcmp(auth_settings->hs256, "allow") != 0)
		return "HS256 keys are refused unless TOKEN_HS256 is allow";
	secret = malloc(BASE64URL_BYTES(chars));
	if (secret == NULL)
		abort();
	len = base64url_decode(text, chars, secret);
	if (len >= SECRET_MIN)
		auth_key_fix(key, secret, (size_t)len);
	OPENSSL_cleanse(secret, BASE64URL_BYTES(chars));
	free(secret);
	key->signature_len = AUTH_HMAC_SIZE;
	if (len == -1)
		return text[strspn(text, BASE64URL_ALPHABET)] == '\0' ?
		    "secret is base64url that was cut or altered: no bytes "
		    "end in its last character" :
		    "secret is not base64url without padding";
	return len >= SECRET_MIN ? NULL : "secret has fewer than 32 bytes";
}

static const char *
read_rsa_key(struct auth_key *key, const char *pem)
{
	EVP_PKEY *public = read_pem(pem);
	const char *fault = NULL;
	int	    bits = public == NULL ? 0 : EVP_PKEY_get_bits(public);

	if (public == NULL)
		fault = "public_key is not a public key in PEM";
	else if (!EVP_PKEY_is_a(public, "RSA"))
		fault = "public_key is not an RSA key";
	else if (bits < RSA_MIN || bits > RSA_MAX)
		fault = "public_key must have 2048 to 8192 bits";
	EVP_PKEY_free(public);
	return fault != NULL ? fault :
			       use_public_key(key, pem, (size_t)(bits + 7) / 8);
}

static const char *
read_ec_key(struct auth_key *key, const char *pem)
{
	EVP_PKEY *public = read_pem(pem);
	const char *fault = NULL;
	char	    curve[32];

	if (public == NULL)
		fault = "public_key is not a public key in PEM";
	else if (!EVP_PKEY_is_a(public, "EC") ||
	    EVP_PKEY_get_group_name(public, curve, sizeof(curve), NULL) != 1 ||
	    strcmp(curve, "prime256v1") != 0)
		fault = "public_key is not an EC key on P-256";
	EVP_PKEY_free(public);
	return fault != NULL ? fault : use_public_key(key, pem, 64);
}

/* libjwt reads the PEM again for each token. Returns NULL, no fault. */
static const char *
use_public_key(struct auth_key *key, const char *pem, size_t signature_len)
{
	auth_key_fix(key, pem, strlen(pem));
	key->signature_len = signature_len;
	key->slow = true;
	return NULL;
}

static EVP_PKEY *
read_pem(const char *pem)
{
	BIO	 *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL);

	BIO_free(bio);
	ERR_clear_error();
	return key;
}

static void
free_list(struct key_list *list)
{
	size_t i;

	for (i = 0; list != NULL && i < list->count; i++) {
		free(list->key[i].kid);
		jwt_free(list->key[i].jwt); /* wipes the key */
	}
	free(list);
}

static void
replace(char **text, const char *with)
{
	char *copy = strdup(with);

	if (copy == NULL)
		abort();
	free(*text);
	*text = copy;
}

/* A rename over the file changes the inode, writing into it the time. */
static bool
changed(const struct stat *now)
{
	return now->st_ino != seen.st_ino || now->st_dev != seen.st_dev ||
	    now->st_size != seen.st_size ||
	    now->st_mtim.tv_sec != seen.st_mtim.tv_sec ||
	    now->st_mtim.tv_nsec != seen.st_mtim.tv_nsec;
}
