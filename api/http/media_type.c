/*
 * Media types: see media_type.h.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "http_field.h"
#include "media_type.h"

/* How well a range covers a type. */
enum cover { COVERS_NOT, COVERS_BESIDE, COVERS_ALL, COVERS_FAMILY, COVERS_IT };

static size_t	  type_length(const char *);
static enum cover covers(const char *, size_t, const char *);
static bool	  read_range(const char **, double *, bool *);
static double	  weight(const char *, size_t);
static bool	  is_utf8(const struct http_parameter *);

/* What browsers send, out of the registries of their systems. */
static const struct {
	const char *said, *is;
} aliases[] = {
	{ "application/csv", "text/csv" },
	{ "application/x-csv", "text/csv" },
	{ "application/x-pdf", "application/pdf" },
	{ "application/x-zip", "application/zip" },
	{ "application/x-zip-compressed", "application/zip" },
	{ "application/zip-compressed", "application/zip" },
	{ "image/jpg", "image/jpeg" },
	{ "image/pjpeg", "image/jpeg" },
	{ "image/x-png", "image/png" },
	{ "text/comma-separated-values", "text/csv" },
	{ "text/x-comma-separated-values", "text/csv" },
	{ "text/x-csv", "text/csv" },
};

/* Of two ranges that cover it alike the first one counts. */
double
media_type_quality(const char *accept, const char *type, const char **where)
{
	enum cover  best = COVERS_NOT, found;
	const char *p = accept, *range;
	double	    wanted = 0, q;
	bool	    beside, any = false;
	size_t	    len;

	while (*(p += strspn(p, ", \t")) != '\0') {
		any = true;
		*where = range = p;
		len = *p == '*' && p[1] != '/' ? 1 : type_length(p);
		p += len;
		if (len == 0 || !read_range(&p, &q, &beside))
			return -1;
		found = covers(range, len, type);
		if (beside && found != COVERS_NOT)
			found = COVERS_BESIDE;
		if (found > best) {
			best = found;
			wanted = q;
		}
	}
	return any ? wanted : 1;
}

/*
 * What follows a range. beside: it is for types with a parameter, which ours
 * have not; such a range counts only where no other covers the type, since a
 * client that asks for application/json;indent=2 takes it without, too.
 */
static bool
read_range(const char **p, double *q, bool *beside)
{
	struct http_parameter parameter;
	bool		      weighed = false;
	int		      found;

	*q = 1;
	*beside = false;
	while ((found = http_next_parameter(p, &parameter)) == 1) {
		if (http_parameter_is(&parameter, "q")) {
			*q = weight(parameter.value, parameter.value_len);
			if (weighed || *q < 0)
				return false;
			weighed = true;
		} else if (!weighed && !is_utf8(&parameter))
			*beside = true;
	}
	return found == 0 && (**p == ',' || **p == '\0');
}

/*
 * qvalue (RFC 9110 12.4.2), -1 if it is none. Without its zero, as ".2", it is
 * what each client on Java's URLConnection sends, and so is "*" for any type.
 */
static double
weight(const char *p, size_t len)
{
	const char *end = p + len;
	double	    value = 0, digit = 1;

	if (*p == '0' || *p == '1')
		value = *p++ - '0';
	else if (len < 2)
		return -1;
	if (p < end && *p++ != '.')
		return -1;
	if (end - p > 3)
		return -1;
	for (; p < end; p++) {
		if (!isdigit((unsigned char)*p))
			return -1;
		value += (*p - '0') * (digit /= 10);
	}
	return value > 1 ? -1 : value;
}

/* type "/" subtype, 0 if it is none */
static size_t
type_length(const char *p)
{
	size_t n, slash;

	for (n = 0; http_is_tchar(p[n]); n++)
		;
	if (n == 0 || p[slash = n] != '/')
		return 0;
	for (n++; http_is_tchar(p[n]); n++)
		;
	if (n == slash + 1 ||
	    (*p == '*' && slash == 1 && (n != 3 || p[2] != '*')))
		return 0;
	return n;
}

static enum cover
covers(const char *range, size_t len, const char *type)
{
	const size_t slash = strcspn(type, "/");

	if (*range == '*' && (len == 1 || len == 3))
		return COVERS_ALL;
	if (len == slash + 2 && strncasecmp(range, type, slash + 1) == 0 &&
	    range[slash + 1] == '*')
		return COVERS_FAMILY;
	return len == strlen(type) && strncasecmp(range, type, len) == 0 ?
	    COVERS_IT :
	    COVERS_NOT;
}

bool
media_type_read(const char *value, struct media_type *out)
{
	struct http_parameter parameter;
	const size_t	      len = type_length(value);
	size_t		      i;
	int		      found;

	*out->charset = '\0';
	if (len == 0 || len > MEDIA_TYPE_MAX || memchr(value, '*', len) != NULL)
		return false;
	for (i = 0; i < len; i++)
		out->name[i] = (char)tolower((unsigned char)value[i]);
	out->name[i] = '\0';
	for (value += len;
	     (found = http_next_parameter(&value, &parameter)) == 1;) {
		if (!http_parameter_is(&parameter, "charset"))
			continue;
		if (*out->charset != '\0' ||
		    !http_parameter_value(&parameter, out->charset,
			sizeof(out->charset)) ||
		    !http_is_token(out->charset, strlen(out->charset)))
			return false;
	}
	return found == 0 && *value == '\0';
}

bool
media_type_is(const char *value, const char *type)
{
	struct media_type read;

	return media_type_read(value, &read) && strcmp(read.name, type) == 0 &&
	    (*read.charset == '\0' || strcasecmp(read.charset, "utf-8") == 0 ||
		strcasecmp(read.charset, "utf8") == 0);
}

static bool
is_utf8(const struct http_parameter *parameter)
{
	char charset[sizeof("utf-8")];

	return http_parameter_is(parameter, "charset") &&
	    http_parameter_value(parameter, charset, sizeof(charset)) &&
	    strcasecmp(charset, "utf-8") == 0;
}

const char *
media_type_registered(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++)
		if (strcmp(name, aliases[i].said) == 0)
			return aliases[i].is;
	return name;
}
