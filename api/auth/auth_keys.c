/*
 * The key list: {"keys":[{"kid":"…","alg":"HS256","secret":"…"}, …]}, or a JWK
 * set as providers publish it.
 * A list replaces the one in use only when all of it is good. No message
 * repeats anything of the file but a kid.
 */
#include <sys/stat.h>

#include <errno.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_cache.h"
#include "auth_jwk.h"
#include "auth_keys.h"
#include "json.h"

#define FILE_MAX (1024 * 1024)
#define KEYS_MAX 64 /* every token looks through them */

struct key_list {
	size_t		count;
	struct auth_key key[];
};

static struct key_list *keys;
static char	       *path, *issuer, *audience;
static struct stat	seen; /* the file when last read or tried */

static struct key_list *read_list(const char *, char *, size_t);
static json_t	       *read_json(const char *, char *, size_t);
static const char      *read_keys(struct key_list *, const json_t *);
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
	size_t		 count = json_array_size(array);
	struct key_list *list;
	const char	*fault, *kid;

	if (json == NULL)
		return NULL;
	list = calloc(1, sizeof(*list) + KEYS_MAX * sizeof(list->key[0]));
	if (list == NULL)
		abort();
	if (count == 0)
		fault = "must be {\"keys\": […]} with at least one key";
	else if (count > KEYS_MAX)
		fault = "has more than 64 keys";
	else
		fault = read_keys(list, array);
	if (fault != NULL && list->count == 0)
		snprintf(err, errlen, "%s: %s", file, fault);
	else if (fault != NULL) {
		kid = list->key[list->count - 1].kid;
		snprintf(err, errlen, "%s: key %zu (kid \"%.64s\"): %s", file,
		    list->count, kid != NULL ? kid : "", fault);
	}
	if (fault != NULL) {
		free_list(list);
		list = NULL;
	}
	json_decref(json);
	return list;
}

/* Returns the fault of the last key that it read, or NULL. */
static const char *
read_keys(struct key_list *list, const json_t *array)
{
	struct auth_key *key, *other;
	const char	*fault;
	json_t		*entry;
	size_t		 i;

	json_array_foreach (array, i, entry) {
		if (json_object_get(entry, "kty") != NULL &&
		    !auth_jwk_concerns(entry))
			continue;
		key = &list->key[list->count];
		key->number = (unsigned)list->count++;
		fault = auth_key_read(key, entry);
		for (other = list->key; other < key && fault == NULL; other++) {
			if (strcmp(key->kid, other->kid) == 0)
				fault = "this kid is there twice";
		}
		if (fault != NULL)
			return fault;
	}
	return list->count > 0 ? NULL : "has no key for signatures known here";
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

static void
free_list(struct key_list *list)
{
	size_t i;

	for (i = 0; list != NULL && i < list->count; i++)
		auth_key_free(&list->key[i]);
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
