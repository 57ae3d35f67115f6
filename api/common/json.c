/*
 * JSON out: strings in quotes.
 */
#include <string.h>

#include "json.h"

/* What must be escaped in a string. */
static const char special[] =
    "\"\\\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26"
    "\27\30\31\32\33\34\35\36\37";

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
