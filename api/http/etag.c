/*
 * Entity-tags (RFC 9110, sections 8.8.3 and 13). Our strong ETags are the
 * version of a row in quotes, so If-Match becomes an array of versions that
 * SQL compares under the row's lock.
 */
#include <ctype.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "etag.h"
#include "hex.h"

#define VERSION_DIGITS_MAX 18

/*
 * Takes the next entity-tag off a list; a comma or the end must follow. Returns
 * its opaque part with quotes, NULL at the end or where the list is malformed.
 */
static const char *
next_tag(const char **list, size_t *len, bool *weak)
{
	const char *start, *end;

	*list += strspn(*list, ", \t");
	*weak = strncmp(*list, "W/", 2) == 0;
	start = *list + (*weak ? 2 : 0);
	if (*start != '"')
		return NULL;
	for (end = start + 1; (unsigned char)*end > 0x20 && *end != '"'; end++)
		;
	if (*end != '"')
		return NULL;
	*len = (size_t)(end + 1 - start);
	*list = end + 1 + strspn(end + 1, " \t");
	if (**list != ',' && **list != '\0')
		return NULL;
	return start;
}

/* What cannot be read to its end names no version. */
static bool
is_list(const char *list)
{
	size_t len;
	bool   weak;

	while (next_tag(&list, &len, &weak) != NULL)
		;
	return *list == '\0';
}

/* Weak comparison, as 13.1.2 asks. */
bool
etag_matches(const char *if_none_match, const char *etag)
{
	const char *tag;
	size_t	    len;
	bool	    weak;

	if (strcmp(if_none_match, "*") == 0)
		return true;
	if (!is_list(if_none_match))
		return false;
	while ((tag = next_tag(&if_none_match, &len, &weak)) != NULL)
		if (strlen(etag) == len && memcmp(tag, etag, len) == 0)
			return true;
	return false;
}

static void
add_element(struct builder *array, const char *text, size_t len)
{
	builder_add(array, array->len == 0 ? "{" : ",");
	builder_add_bytes(array, text, len);
}

static const char *
end_array(struct builder *array)
{
	builder_add(array, array->len == 0 ? "{}" : "}");
	return builder_text(array);
}

/* Strong comparison: a weak tag never matches, nor one that is not ours. */
bool
etag_match_array(struct arena *arena, const char *if_match, const char **out)
{
	struct builder array = { .arena = arena };
	const char    *tag;
	size_t	       len, i;
	bool	       weak;

	*out = NULL;
	if (strcmp(if_match, "*") == 0)
		return true;
	if (if_match[strspn(if_match, ", \t")] == '\0' || !is_list(if_match))
		return false;
	while ((tag = next_tag(&if_match, &len, &weak)) != NULL) {
		for (i = 1; i < len - 1 && isdigit((unsigned char)tag[i]); i++)
			;
		if (weak || i != len - 1 || len < 3 ||
		    len - 2 > VERSION_DIGITS_MAX)
			continue;
		add_element(&array, tag + 1, len - 2);
	}
	*out = end_array(&array);
	return true;
}

/* Tags of ours have no character that an array would have to quote. */
const char *
etag_none_match_array(struct arena *arena, const char *if_none_match)
{
	struct builder array = { .arena = arena };
	const char    *tag;
	size_t	       len, i;
	bool	       weak;

	if (strcmp(if_none_match, "*") == 0)
		return "{*}";
	if (!is_list(if_none_match))
		return "{}";
	while ((tag = next_tag(&if_none_match, &len, &weak)) != NULL) {
		for (i = 1; i < len - 1 && isalnum((unsigned char)tag[i]); i++)
			;
		if (i == len - 1 && len > 2)
			add_element(&array, tag + 1, len - 2);
	}
	return end_array(&array);
}

/* Half of the SHA-256. */
char *
etag_of(char *out, const void *bytes, size_t len)
{
	unsigned char md[EVP_MAX_MD_SIZE];

	if (EVP_Digest(bytes, len, md, NULL, EVP_sha256(), NULL) != 1)
		abort();
	*out = '"';
	strcpy(hex_encode(out + 1, md, (ETAG_SIZE - 3) / 2), "\"");
	return out;
}
