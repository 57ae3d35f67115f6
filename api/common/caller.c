/*
 * The five kinds of callers and what their tokens carry.
 */
#include <ctype.h>
#include <string.h>

#include "caller.h"

static const char *const names[CALLER_KINDS] = {
	[CALLER_PUBLIC] = "public",
	[CALLER_CONTACT] = "contact",
	[CALLER_PARTNER] = "partner",
	[CALLER_STAFF] = "staff",
	[CALLER_TELEPHONY] = "telephony",
};

const char *
caller_kind_name(enum caller_kind kind)
{
	return names[kind];
}

void
caller_key(const struct caller *caller, char *key)
{
	stpcpy(stpcpy(stpcpy(key, names[caller->kind]), ":"), caller->id);
}

enum caller_kind
caller_kind_of(const char *name, unsigned long len)
{
	unsigned kind;

	for (kind = 0; kind < CALLER_KINDS; kind++) {
		if (strlen(names[kind]) == len &&
		    memcmp(names[kind], name, len) == 0)
			break;
	}
	return (enum caller_kind)kind;
}

enum caller_kind
caller_subject(const char *sub, unsigned long len, char *id)
{
	static const char max[] = "9223372036854775807";
	const char	 *colon = memchr(sub, ':', len), *digits;
	enum caller_kind  kind;
	unsigned long	  i, count;

	if (colon == NULL)
		return CALLER_KINDS;
	kind = caller_kind_of(sub, (unsigned long)(colon - sub));
	if (kind == CALLER_PUBLIC || kind == CALLER_KINDS)
		return CALLER_KINDS;
	digits = colon + 1;
	count = len - (unsigned long)(digits - sub);
	for (i = 0; i < count; i++) {
		if (!isdigit((unsigned char)digits[i]))
			return CALLER_KINDS;
	}
	if (count == 0 || count >= sizeof(max) || *digits == '0')
		return CALLER_KINDS;
	if (count == sizeof(max) - 1 && memcmp(digits, max, count) > 0)
		return CALLER_KINDS;
	memcpy(id, digits, count);
	id[count] = '\0';
	return kind;
}
