/*
 * Media types in Accept and Content-Type.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "media_type.h"

static int specificity(const char *, size_t, const char *);

double
media_type_quality(const char *accept, const char *type)
{
	const char *p = accept, *q;
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
			for (q = p + n;
			     q < p + len && strncasecmp(q, "q=", 2) != 0; q++)
				;
			wanted = q >= p + len ? 1 : strtod(q + 2, NULL);
		}
		p += len;
	}
	return wanted;
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
