/*
 * Properties of characters: see unicode.h.
 */
#include "unicode.h"
#include "unicode_table.h"
#include "utf8.h"

static unsigned next(const char **);

unsigned
unicode_properties(uint32_t character)
{
	return character >> 8 < sizeof(blocks) ?
	    kinds[blocks[character >> 8]][character & 0xff] :
	    0;
}

bool
unicode_shows(const char *text)
{
	while (*text != '\0')
		if (next(&text) == 0)
			return true;
	return false;
}

unsigned
unicode_holds(const char *text)
{
	unsigned all = 0;

	while (*text != '\0')
		all |= next(&text);
	return all;
}

/* The properties of a character, behind which the text goes on. */
static unsigned
next(const char **text)
{
	uint32_t c;
	size_t	 n = utf8_decode(*text, &c);

	*text += n == 0 ? 1 : n;
	return n == 0 ? 0 : unicode_properties(c);
}
