/*
 * Characters of a text: see utf8.h.
 */
#include <string.h>

#include "utf8.h"

size_t
utf8_decode(const char *text, uint32_t *character)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char  *p = (const unsigned char *)text;
	uint32_t	      c;
	size_t		      n, i;

	if (p[0] < 0x80) {
		*character = p[0];
		return 1;
	}
	n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	if (n == 0 || p[0] > 0xf4)
		return 0;
	c = p[0] & (0x7fu >> n);
	for (i = 1; i < n; i++) {
		/* the NUL at the end is no continuation either */
		if (!utf8_continues(text[i]))
			return 0;
		c = c << 6 | (p[i] & 0x3f);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	*character = c;
	return n;
}

size_t
utf8_encode(char *out, uint32_t c)
{
	static const unsigned char lead[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t n = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4, i;

	for (i = n - 1; i > 0; i--, c >>= 6)
		out[i] = (char)(0x80 | (c & 0x3f));
	out[0] = (char)(lead[n] | c);
	return n;
}

size_t
utf8_length(const char *text, size_t len)
{
	size_t i, count = 0;

	for (i = 0; i < len; i++)
		count += !utf8_continues(text[i]);
	return count;
}

size_t
utf8_cut(const char *text, size_t max)
{
	size_t len = strnlen(text, max + 1);

	if (len > max)
		for (len = max; len > 0 && utf8_continues(text[len]); len--)
			;
	return len;
}

bool
utf8_continues(char byte)
{
	return ((unsigned char)byte & 0xc0) == 0x80;
}
