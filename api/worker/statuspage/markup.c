/*
 * Text into markup. UTF-8 is decoded strictly: what another reader might decode
 * otherwise does not reach the document.
 */
#include <stdint.h>

#include "markup.h"
#include "utf8.h"

static const char *entity(uint32_t);
static int	   allowed(uint32_t);

void
markup_text(FILE *out, const char *text)
{
	const char *name;
	uint32_t    c;
	size_t	    n;

	for (; *text != '\0'; text += n) {
		n = utf8_decode(text, &c);
		if (n == 0) {
			n = 1;
			c = 0;
		}
		if (!allowed(c))
			fputs("\xef\xbf\xbd", out);
		else if ((name = entity(c)) != NULL)
			fputs(name, out);
		else
			fwrite(text, 1, n, out);
	}
}

static const char *
entity(uint32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static int
allowed(uint32_t c)
{
	if (c < 0x20)
		return c == '\t' || c == '\n' || c == '\r';
	return !(c >= 0x7f && c <= 0x9f) && !(c >= 0xfdd0 && c <= 0xfdef) &&
	    (c & 0xfffe) != 0xfffe;
}
