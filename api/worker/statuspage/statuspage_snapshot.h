/*
 * Signed text.
 */
#ifndef CASEWORK_STATUSPAGE_SNAPSHOT_H
#define CASEWORK_STATUSPAGE_SNAPSHOT_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct statuspage_key {
	unsigned char secret[4096];
	size_t	      len;
};

/* False with a sentence in err. */
bool statuspage_key_load(struct statuspage_key *, const char *file, char *err,
    size_t errlen);
/* {"content": …, "hmac_sha256": "hex"} as text; free() it. */
char *statuspage_sign(const struct statuspage_key *, const json_t *content);
/* The content of a signed text, or NULL with a sentence in err. */
json_t *statuspage_verify(const struct statuspage_key *, const char *text,
    char *err, size_t errlen);

#endif
