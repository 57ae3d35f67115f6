/*
 * A short table: it is looked through when a token is new.
 */
#include <string.h>

#include "scopes.h"

static const char *names[SCOPES_MAX];
static size_t	   count;

static uint64_t find(const char *, size_t);
static bool	is_scope(const char *, size_t);

uint64_t
scopes_learn(const char *name)
{
	uint64_t known = find(name, strlen(name));

	if (known != 0 || count == SCOPES_MAX)
		return known;
	names[count] = name;
	return UINT64_C(1) << count++;
}

const char *
scopes_name(size_t index)
{
	return index < count ? names[index] : NULL;
}

bool
scopes_add(uint64_t *scopes, const char *list, size_t len)
{
	const char *end = list + len, *space;
	size_t	    item;

	while (len > 0) {
		space = memchr(list, ' ', (size_t)(end - list));
		item = (size_t)((space == NULL ? end : space) - list);
		if (!is_scope(list, item))
			return false;
		*scopes |= find(list, item);
		if (space == NULL)
			break;
		list = space + 1;
	}
	return true;
}

static uint64_t
find(const char *name, size_t len)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strncmp(names[i], name, len) == 0 && names[i][len] == '\0')
			return UINT64_C(1) << i;
	}
	return 0;
}

static bool
is_scope(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (text[i] <= ' ' || text[i] > '~' || text[i] == '"' ||
		    text[i] == '\\')
			return false;
	}
	return len > 0;
}
