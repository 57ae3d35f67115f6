/*
 * Text into markup. UTF-8 is decoded strictly (no overlong forms, surrogates
 * or code points beyond U+10FFFF): what another reader might decode otherwise
 * does not reach the document.
 */
#include "markup.h"

#include <stdint.h>
#include <string.h>

static size_t	   decode(const unsigned char *, uint32_t *);
static const char *entity(uint32_t);
static int	   allowed(uint32_t);

void
markup_text(FILE *out, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	const char	    *name;
	uint32_t	     c;
	size_t		     n;

	for (; *p != '\0'; p += n) {
		n = decode(p, &c);
		if (n == 0) {
			n = 1;
			c = 0;
		}
		if (!allowed(c))
			fputs("\xef\xbf\xbd", out);
		else if ((name = entity(c)) != NULL)
			fputs(name, out);
		else
			fwrite(p, 1, n, out);
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

/* The code point at p and its length in bytes; 0 when it is none. */
static size_t
decode(const unsigned char *p, uint32_t *c)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t		      n, i;

	if (p[0] < 0x80) {
		*c = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	if (n == 0 || p[0] > 0xf4)
		return 0;
	*c = p[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		/* the terminating NUL is no continuation either */
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*c = *c << 6 | (p[i] & 0x3f);
	}
	if (*c < least[n] || *c > 0x10ffff || (*c >= 0xd800 && *c <= 0xdfff))
		return 0;
	return n;
}
