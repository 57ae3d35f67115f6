/*
 * Media types in Accept and Content-Type.
 */
#include <string.h>
#include <strings.h>

#include "media_type.h"

static int    specificity(const char *, size_t, const char *);
static double quality(const char *, const char *);

double
media_type_quality(const char *accept, const char *type)
{
	const char *p = accept;
	size_t	    len, n;
	int	    best = -1, found;
	double	    wanted = *accept == '\0';

	while (*p != '\0') {
		p += strspn(p, ", \t");
		len = strcspn(p, ",");
		n = strcspn(p, ";, \t");
		found = n == 0 ? -1 : specificity(p, n, type);
		if (found > best) {
			best = found;
			wanted = quality(p + n, p + len);
		}
		p += len;
	}
	return wanted;
}

/* The parameter q (RFC 9110 12.4.2) behind a range, 1 if there is none. */
static double
quality(const char *p, const char *end)
{
	double value, digit = 1;

	while ((p = memchr(p, ';', (size_t)(end - p))) != NULL) {
		for (p++; *p == ' ' || *p == '\t'; p++)
			;
		if ((*p != 'q' && *p != 'Q') || p[1] != '=')
			continue;
		p += 2;
		value = *p == '1';
		if (*p == '0' || *p == '1')
			p++;
		if (*p == '.')
			for (p++; digit > 0.001 && *p >= '0' && *p <= '9'; p++)
				value += (*p - '0') * (digit /= 10);
		return value < 1 ? value : 1;
	}
	return 1;
}

/* 0 for any, 1 for the main type, 2 for the type itself; -1 if not covered. */
static int
specificity(const char *range, size_t len, const char *type)
{
	size_t slash = strcspn(type, "/");

	if (len == 3 && strncmp(range, "*/*", 3) == 0)
		return 0;
	if (len == slash + 2 && strncasecmp(range, type, slash + 1) == 0 &&
	    range[slash + 1] == '*')
		return 1;
	return len == strlen(type) && strncasecmp(range, type, len) == 0 ? 2 :
									   -1;
}

bool
media_type_is(const char *value, const char *type)
{
	const char *charset;
	size_t	    n = strlen(type);

	if (strncasecmp(value, type, n) != 0)
		return false;
	value += n;
	value += strspn(value, " \t");
	if (*value != '\0' && *value != ';')
		return false;
	charset = strcasestr(value, "charset=");
	if (charset == NULL)
		return true;
	charset += 8;
	charset += *charset == '"';
	return strncasecmp(charset, "utf-8", 5) == 0;
}
