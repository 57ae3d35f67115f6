/*
 * JSON values and texts: numbers that are whole, strings in quotes.
 */
#include <string.h>

#include "json.h"

#define WHOLE_MAX 9007199254740992.0

/* What must be escaped in a string. */
static const char special[] =
    "\"\\\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26"
    "\27\30\31\32\33\34\35\36\37";

static json_t *as_integer(const json_t *);

bool
json_make_integers(json_t *value)
{
	const char *name;
	json_t	   *item, *whole;
	size_t	    i;
	bool	    found = false;

	json_array_foreach (value, i, item) {
		whole = as_integer(item);
		found |= whole != NULL || json_make_integers(item);
		if (whole != NULL)
			(void)json_array_set_new(value, i, whole);
	}
	json_object_foreach (value, name, item) {
		whole = as_integer(item);
		found |= whole != NULL || json_make_integers(item);
		if (whole != NULL)
			(void)json_object_set_new(value, name, whole);
	}
	return found;
}

/* NULL if it is no such number; beyond WHOLE_MAX two of them could be one. */
static json_t *
as_integer(const json_t *value)
{
	double x = json_real_value(value);

	if (!json_is_real(value) || x < -WHOLE_MAX || x > WHOLE_MAX ||
	    x != (double)(json_int_t)x)
		return NULL;
	return json_integer((json_int_t)x);
}

const char *
json_quote(struct arena *arena, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	const char	 *at;
	char		 *out, *p;
	size_t		  size = sizeof("\"\""), plain;

	for (at = text; at[plain = strcspn(at, special)] != '\0';
	     at += plain + 1)
		size += sizeof("\\u00ff") - 1;
	p = out = arena_alloc(arena, size + strlen(text));
	*p++ = '"';
	for (;; text += plain + 1) {
		plain = strcspn(text, special);
		p = mempcpy(p, text, plain);
		if (text[plain] == '\0')
			break;
		*p++ = '\\';
		if ((unsigned char)text[plain] < 0x20) {
			p = stpcpy(p, "u00");
			*p++ = hex[text[plain] >> 4 & 15];
			*p++ = hex[text[plain] & 15];
		} else
			*p++ = text[plain];
	}
	strcpy(p, "\"");
	return out;
}
