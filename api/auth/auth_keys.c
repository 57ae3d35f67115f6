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

#include "auth_issuers.h"
#include "auth_keys.h"
#include "json.h"

#define FILE_MAX (1024 * 1024)

static char	  *path;
static struct stat seen; /* the file when last read or tried */

static struct auth_key_list *read_list(const char *, char *, size_t);
static json_t		    *read_json(const char *, char *, size_t);
static bool		     changed(const struct stat *);

int
auth_load(const char *keys_file, const char *iss, const char *aud, char *err,
    size_t errlen)
{
	struct auth_key_list *list = read_list(keys_file, err, errlen);
	char		     *copy = strdup(keys_file);

	if (copy == NULL)
		abort();
	if (list == NULL) {
		free(copy);
		return -1;
	}
	free(path);
	path = copy;
	auth_issuers_own(iss, aud);
	auth_issuers_own_keys(list);
	return 0;
}

int
auth_reload(char *err, size_t errlen)
{
	struct stat	      now = { 0 };
	struct auth_key_list *list;

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
	auth_issuers_own_keys(list);
	return 1;
}

static struct auth_key_list *
read_list(const char *file, char *err, size_t errlen)
{
	json_t		     *json = read_json(file, err, errlen);
	struct auth_key_list *list = NULL;
	char		      why[256];

	if (json == NULL)
		return NULL;
	list = auth_key_list_read(json_object_get(json, "keys"), 0, why,
	    sizeof(why));
	if (list == NULL)
		snprintf(err, errlen, "%s: %s", file, why);
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

/* A rename over the file changes the inode, writing into it the time. */
static bool
changed(const struct stat *now)
{
	return now->st_ino != seen.st_ino || now->st_dev != seen.st_dev ||
	    now->st_size != seen.st_size ||
	    now->st_mtim.tv_sec != seen.st_mtim.tv_sec ||
	    now->st_mtim.tv_nsec != seen.st_mtim.tv_nsec;
}
