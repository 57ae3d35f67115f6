/*
 * Signed text: what lies between the worker and the operator in a directory
 * that a web server reads, and perhaps others write. HMAC-SHA256 over the
 * content in one canonical form, compact with sorted members.
 */
#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "json.h"
#include "statuspage_model.h"
#include "statuspage_snapshot.h"

#define MAC_SIZE   32
#define SECRET_MIN 32

static void mac_of(const struct statuspage_key *, const json_t *, char *);

bool
statuspage_key_load(struct statuspage_key *key, const char *file, char *err,
    size_t errlen)
{
	FILE *stream;

	if (*file == '\0') {
		snprintf(err, errlen,
		    "STATUS_KEY_FILE is not set: a file of %d bytes or more "
		    "that signs the snapshot",
		    SECRET_MIN);
		return false;
	}
	if ((stream = fopen(file, "re")) == NULL) {
		snprintf(err, errlen, "%s: %s", file, strerror(errno));
		return false;
	}
	key->len = fread(key->secret, 1, sizeof(key->secret), stream);
	fclose(stream);
	if (key->len < SECRET_MIN) {
		snprintf(err, errlen, "%s: the secret has fewer than %d bytes",
		    file, SECRET_MIN);
		return false;
	}
	return true;
}

char *
statuspage_sign(const struct statuspage_key *key, const json_t *content)
{
	char	hex[2 * MAC_SIZE + 1], *text;
	json_t *both;

	mac_of(key, content, hex);
	both = json_pack("{s:O, s:s}", "content", content, "hmac_sha256", hex);
	text = json_dumps(both, JSON_COMPACT | JSON_SORT_KEYS);
	json_decref(both);
	return text;
}

json_t *
statuspage_verify(const struct statuspage_key *key, const char *text, char *err,
    size_t errlen)
{
	json_t	   *both, *content = NULL;
	const char *found;
	char	    hex[2 * MAC_SIZE + 1], why[160];

	both = json_parse_strict(text, strlen(text), why, sizeof(why));
	if (both == NULL) {
		snprintf(err, errlen, "it is not JSON: %s", why);
		return NULL;
	}
	found = statuspage_text(both, "hmac_sha256");
	content = json_object_get(both, "content");
	if (content != NULL)
		mac_of(key, content, hex);
	if (content == NULL || strlen(found) != 2 * MAC_SIZE ||
	    CRYPTO_memcmp(found, hex, 2 * MAC_SIZE) != 0) {
		snprintf(err, errlen,
		    "the signature is not right: it was altered, or signed "
		    "with another key");
		content = NULL;
	}
	json_incref(content);
	json_decref(both);
	return content;
}

static void
mac_of(const struct statuspage_key *key, const json_t *content, char *hex)
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	unsigned int  len = 0;
	char	     *text;

	text = json_dumps(content,
	    JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
	if (text == NULL ||
	    HMAC(EVP_sha256(), key->secret, (int)key->len,
		(const unsigned char *)text, strlen(text), mac, &len) == NULL ||
	    len != MAC_SIZE)
		abort();
	free(text);
	(void)hex_encode(hex, mac, len);
}
