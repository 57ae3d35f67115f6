/*
 * Three parts with a dot between; JSON in base64url.
 */
#include <string.h>

#include "auth_parts.h"
#include "base64url.h"
#include "json.h"

bool
auth_split(const char *token, size_t len, struct auth_part *part)
{
	const char *next = token, *end = token + len, *dot;
	int	    i;

	for (i = 0; i < AUTH_PARTS; i++) {
		dot = memchr(next, '.', (size_t)(end - next));
		if ((dot == NULL) != (i == AUTH_PARTS - 1))
			return false;
		part[i].text = next;
		part[i].len = (size_t)((dot == NULL ? end : dot) - next);
		if (dot != NULL)
			next = dot + 1;
	}
	return true;
}

json_t *
auth_part_json(const struct auth_part *part)
{
	char	bytes[BASE64URL_BYTES(AUTH_TOKEN_MAX)], err[128];
	ssize_t len = base64url_decode(part->text, part->len, bytes);
	json_t *json = NULL;

	if (len > 0)
		json = json_parse_strict(bytes, (size_t)len, err, sizeof(err));
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}
