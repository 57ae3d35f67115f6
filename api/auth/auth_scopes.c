/*
 * Where an issuer's words stand for scopes, only what they are said to mean
 * counts: words such as roles and groups are anybody's, so none is an error.
 */
#include <string.h>

#include "auth_scopes.h"
#include "scopes.h"

static bool read_claim(const struct auth_issuer *, const json_t *, uint64_t *);
static bool read_text(const struct auth_issuer *, const json_t *, uint64_t *);
static void read_word(const struct auth_issuer *, const char *, size_t,
    uint64_t *);

bool
auth_scopes_read(const struct auth_issuer *issuer, const json_t *claims,
    uint64_t *scopes)
{
	const json_t *value;
	json_t	     *name;
	size_t	      i;

	json_array_foreach (issuer->scope_claims, i, name) {
		value = json_object_get(claims, json_string_value(name));
		if (value != NULL && !read_claim(issuer, value, scopes))
			return false;
	}
	return true;
}

static bool
read_claim(const struct auth_issuer *issuer, const json_t *value,
    uint64_t *scopes)
{
	json_t *item;
	size_t	i;

	if (!json_is_array(value))
		return read_text(issuer, value, scopes);
	json_array_foreach (value, i, item) {
		if (issuer->scopes != NULL && json_is_string(item))
			read_word(issuer, json_string_value(item),
			    json_string_length(item), scopes);
		else if (json_is_string(item) &&
		    strchr(json_string_value(item), ' ') == NULL)
			(void)read_text(issuer, item, scopes);
	}
	return true;
}

/* Words with a space between them. */
static bool
read_text(const struct auth_issuer *issuer, const json_t *value,
    uint64_t *scopes)
{
	const char *word = json_string_value(value);
	size_t	    len;

	if (issuer->scopes == NULL)
		return word != NULL &&
		    scopes_add(scopes, word, json_string_length(value));
	for (; word != NULL && *word != '\0';
	     word += len + (word[len] == ' ')) {
		len = strcspn(word, " ");
		read_word(issuer, word, len, scopes);
	}
	return true;
}

static void
read_word(const struct auth_issuer *issuer, const char *word, size_t len,
    uint64_t *scopes)
{
	const json_t *meant = json_object_getn(issuer->scopes, word, len);
	json_t	     *scope;
	size_t	      i;

	json_array_foreach (meant, i, scope)
		(void)scopes_add(scopes, json_string_value(scope),
		    json_string_length(scope));
}
