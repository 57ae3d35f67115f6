/*
 * The values of the keywords format and pattern. A value that passes here
 * never fails in PostgreSQL.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "schema_internal.h"

static bool   email(const char *, size_t);
static bool   uri(const char *, size_t);
static size_t bracket(const char *, const char **);

static const struct schema_format formats[] = {
	{ "date", schema_date, "Must be a date like \"2026-11-23\".", NULL },
	{ "date-time", schema_date_time,
	    "Must be a time with its offset like "
	    "\"2026-11-23T10:00:00-06:00\" or \"2026-11-23T16:00:00Z\".",
	    schema_plain_time },
	{ "email", email, "Must be an e-mail address.", NULL },
	{ "uri", uri,
	    "Must be an absolute URI like "
	    "\"https://example.org/path\".",
	    NULL },
};

const struct schema_format *
schema_format_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (strcmp(formats[i].name, name) == 0)
			return &formats[i];
	}
	return NULL;
}

/*
 * ECMA-262 counts characters, we match bytes, and the two languages differ in
 * escapes and groups. What is left is enough for codes and names.
 */
const char *
schema_pattern_fault(const char *pattern)
{
	const char *p, *fault = NULL;
	bool	    repeatable = false;

	for (p = pattern; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80)
			return "only ASCII characters";
		if (*p == '[') {
			p += bracket(p, &fault);
			if (fault != NULL)
				return fault;
			repeatable = true;
		} else if (strchr("*+?{", *p) != NULL) {
			if (!repeatable)
				return "nothing to repeat, or repeated twice";
			if (*p == '{' && !isdigit((unsigned char)p[1]))
				return "a count starts with a digit";
			if (*p == '{')
				p += strcspn(p, "}");
			if (*p == '\0')
				return "a count without its end";
			repeatable = false;
		} else if (*p == '\\') {
			if (*++p == '\0' ||
			    strchr("^$\\.*+?()[]{}|/-", *p) == NULL)
				return "only special characters can be "
				       "escaped, use [0-9] and the like";
			repeatable = true;
		} else if (*p == '.') {
			return "\".\" is a byte here, use brackets";
		} else if (*p == '(' && p[1] == '?') {
			return "no groups with (?";
		} else {
			repeatable = strchr("^$(|", *p) == NULL;
		}
	}
	return NULL;
}

/* With one place to start, or one character to find. */
bool
schema_pattern_linear(const char *pattern)
{
	const char *fault = NULL, *rest;

	if (*pattern == '^')
		return strchr(pattern, '|') == NULL;
	if (*pattern != '[')
		return false;
	rest = pattern + bracket(pattern, &fault) + 1;
	return *rest == '\0' || strcmp(rest, "+") == 0;
}

/* The offset of the bracket that closes this one. */
static size_t
bracket(const char *start, const char **fault)
{
	const char *p = start + 1;
	bool	    negated = *p == '^';

	p += negated;
	if (*p == ']')
		*fault = "no empty brackets";
	for (; *p != ']' && *p != '\0' && *fault == NULL; p++) {
		if ((unsigned char)*p >= 0x80)
			*fault = "only ASCII characters";
		else if (*p == '\\' && *++p != '\\')
			*fault = "no escapes in brackets but of \"\\\"";
		else if (*p == '[' && p[1] != '\0' &&
		    strchr(":.=", p[1]) != NULL)
			*fault = "no classes like [:alpha:]";
	}
	if (*fault == NULL && *p == '\0')
		*fault = "a bracket without its end";
	/* A character outside ASCII is several bytes that are not these. */
	if (*fault == NULL && negated && p[1] != '*' && p[1] != '+')
		*fault = "[^ ] is a byte here, must be followed by * or +";
	return (size_t)(p - start);
}

/* What mail systems accept in practice: no quotes, comments or literals. */
static bool
email(const char *s, size_t len)
{
	static const char refused[] = "\"(),:;<>@[\\]";
	const char	 *at = memchr(s, '@', len);
	const char	 *end = s + len, *p;
	char		  before = '.';

	if (at == NULL || at == s || at - s > 64 || len > 254)
		return false;
	for (p = s; p < at; p++) {
		if (*p <= ' ' || *p >= 127 || strchr(refused, *p) != NULL)
			return false;
	}
	for (p = at + 1; p < end; before = *p++) {
		if (!isalnum((unsigned char)*p) && *p != '.' && *p != '-')
			return false;
		/* No label is empty, or starts or ends with a hyphen. */
		if ((*p == '.' || *p == '-') && before == '.')
			return false;
		if (*p == '.' && before == '-')
			return false;
	}
	return before != '.' && before != '-';
}

/* RFC 3986: a scheme, then only characters of URIs. */
static bool
uri(const char *s, size_t len)
{
	const char *p = s, *end = s + len, *rest;
	size_t	    scheme, fragments = 0;

	if (len == 0 || !isalpha((unsigned char)*s))
		return false;
	while (p < end &&
	    (isalnum((unsigned char)*p) || *p == '+' || *p == '-' || *p == '.'))
		p++;
	scheme = (size_t)(p - s);
	if (p == end || *p++ != ':' || p == end)
		return false;
	for (rest = p; p < end; p++) {
		if (*p == '%' &&
		    (end - p < 3 || !isxdigit((unsigned char)p[1]) ||
			!isxdigit((unsigned char)p[2])))
			return false;
		if (*p <= ' ' || *p >= 127 || strchr("\"<>\\^`{|}", *p) != NULL)
			return false;
		fragments += *p == '#';
	}
	if (fragments > 1)
		return false;
	if (strncasecmp(s, "http:", scheme + 1) == 0 ||
	    strncasecmp(s, "https:", scheme + 1) == 0)
		return end - rest > 2 && strncmp(rest, "//", 2) == 0 &&
		    strchr("/?#:@", rest[2]) == NULL;
	return true;
}
