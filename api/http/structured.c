/*
 * Structured field values: see structured.h. A NUL ends each text, and is part
 * of nothing.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "http_field.h"
#include "structured.h"
#include "utf8.h"

#define INTEGER_DIGITS 15
#define DECIMAL_DIGITS 12 /* in front of the point; 3 behind it */

static const char *integer(const char *);
static const char *number(const char *);
static const char *string(const char *);
static const char *display(const char *);
static size_t	   escaped(const char *);
static const char *token(const char *);
static size_t	   digits(const char *);

const char *
structured_key(const char *p)
{
	if (!islower((unsigned char)*p) && *p != '*')
		return NULL;
	for (p++; islower((unsigned char)*p) || isdigit((unsigned char)*p) ||
	     *p == '_' || *p == '-' || *p == '.' || *p == '*';
	     p++)
		;
	return p;
}

const char *
structured_bytes(const char *p)
{
	if (*p++ != ':')
		return NULL;
	while (isalnum((unsigned char)*p) || *p == '+' || *p == '/')
		p++;
	p += strspn(p, "=");
	return *p == ':' ? p + 1 : NULL;
}

const char *
structured_item(const char *p)
{
	switch (*p) {
	case ':':
		return structured_bytes(p);
	case '"':
		return string(p);
	case '%':
		return display(p);
	case '?':
		return p[1] == '0' || p[1] == '1' ? p + 2 : NULL;
	case '@':
		return integer(p + 1);
	default:
		return *p == '-' || isdigit((unsigned char)*p) ? number(p) :
								 token(p);
	}
}

const char *
structured_parameters(const char *p)
{
	while (p != NULL && *p == ';') {
		while (*++p == ' ')
			;
		p = structured_key(p);
		if (p != NULL && *p == '=')
			p = structured_item(p + 1);
	}
	return p;
}

/* ["-"] 1*15DIGIT, as of a date, too */
static const char *
integer(const char *p)
{
	const size_t n = digits(p += *p == '-');

	return n > 0 && n <= INTEGER_DIGITS ? p + n : NULL;
}

/* an integer, or ["-"] 1*12DIGIT "." 1*3DIGIT */
static const char *
number(const char *p)
{
	const char *end = integer(p);
	size_t	    n;

	if (end == NULL || *end != '.')
		return end;
	n = digits(end + 1);
	return end - p - (*p == '-') <= DECIMAL_DIGITS && n > 0 && n <= 3 ?
	    end + 1 + n :
	    NULL;
}

static const char *
string(const char *p)
{
	for (p++; *p != '"'; p++) {
		if (*p == '\\' && *++p != '"' && *p != '\\')
			return NULL;
		if (*p < 0x20 || *p > 0x7e)
			return NULL;
	}
	return p + 1;
}

/* "%" DQUOTE, UTF-8 with "%" and two digits for some of its bytes, DQUOTE */
static const char *
display(const char *p)
{
	size_t n;

	if (*++p != '"')
		return NULL;
	for (p++; *p != '"'; p += n) {
		if (*p < 0x20 || *p > 0x7e)
			return NULL;
		n = *p == '%' ? 3 * escaped(p) : 1;
		if (n == 0)
			return NULL;
	}
	return p + 1;
}

/* How many "%" and two digits the character is that begins here; 0: none. */
static size_t
escaped(const char *p)
{
	static const char hex[] = "0123456789abcdef";
	char		  bytes[5] = "";
	uint32_t	  character;
	size_t		  i;

	for (i = 0; i < 4 && p[3 * i] == '%' && strspn(p + 3 * i + 1, hex) >= 2;
	     i++)
		bytes[i] = (char)((strchr(hex, p[3 * i + 1]) - hex) << 4 |
		    (strchr(hex, p[3 * i + 2]) - hex));
	return i == 0 ? 0 : utf8_decode(bytes, &character);
}

static const char *
token(const char *p)
{
	if (!isalpha((unsigned char)*p) && *p != '*')
		return NULL;
	while (http_is_tchar(*p) || *p == ':' || *p == '/')
		p++;
	return p;
}

static size_t
digits(const char *p)
{
	size_t n = 0;

	while (isdigit((unsigned char)p[n]))
		n++;
	return n;
}
