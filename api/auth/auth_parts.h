/*
 * A compact JWT (RFC 7515 §7.1), taken apart.
 */
#ifndef CASEWORK_AUTH_PARTS_H
#define CASEWORK_AUTH_PARTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define AUTH_TOKEN_MAX 8192 /* characters */
#define AUTH_PARTS     3    /* header, claims, signature */

struct auth_part {
	const char *text;
	size_t	    len;
};

/* The parts of a token of at most AUTH_TOKEN_MAX; false if they are not three.
 */
bool auth_split(const char *token, size_t len, struct auth_part *);
/* A new reference; NULL if the part is not one strict JSON object. */
json_t *auth_part_json(const struct auth_part *);

#endif
