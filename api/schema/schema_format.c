/*
 * The values of the keywords format and pattern. Formats accept what
 * PostgreSQL accepts as well, so that a value that passes here never fails
 * there: no leap second, no offset beyond 15:59, years 0001 to 9999 in UTC.
 */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "schema_internal.h"

static bool   date(const char *, size_t);
static bool   date_time(const char *, size_t);
static bool   email(const char *, size_t);
static bool   uri(const char *, size_t);
static int    number(const char *, size_t);
static bool   time_zone(const char *, size_t, int *);
static size_t bracket(const char *, const char **);

static const struct schema_format formats[] = {
	{ "date", date, "Must be a date like \"2026-11-23\"." },
	{ "date-time", date_time,
	    "Must be a time with its offset like "
	    "\"2026-11-23T10:00:00-06:00\" or \"2026-11-23T16:00:00Z\", "
	    "with at most 6 digits of a fraction." },
	{ "email", email, "Must be an e-mail address." },
	{ "uri", uri,
	    "Must be an absolute URI like "
	    "\"https://example.org/path\"." },
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

static bool
date(const char *s, size_t len)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
		31 };
	int		 year, month, day, last;

	if (len != 10 || s[4] != '-' || s[7] != '-')
		return false;
	year = number(s, 4);
	month = number(s + 5, 2);
	day = number(s + 8, 2);
	if (year < 1 || month < 1 || month > 12)
		return false;
	last = days[month - 1];
	if (month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0))
		last = 29;
	return day >= 1 && day <= last;
}

/* RFC 3339, section 5.6. */
static bool
date_time(const char *s, size_t len)
{
	int    hour, minute, second, offset, utc;
	size_t at = 19;

	if (len < 20 || !date(s, 10) || (s[10] != 'T' && s[10] != 't') ||
	    s[13] != ':' || s[16] != ':')
		return false;
	hour = number(s + 11, 2);
	minute = number(s + 14, 2);
	second = number(s + 17, 2);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 59)
		return false;
	if (s[at] == '.') {
		while (++at < len && isdigit((unsigned char)s[at]))
			;
		if (at == 20 || at > 26)
			return false;
	}
	if (!time_zone(s + at, len - at, &offset))
		return false;
	utc = hour * 60 + minute - offset;
	return !(utc < 0 && strncmp(s, "0001-01-01", 10) == 0) &&
	    !(utc >= 24 * 60 && strncmp(s, "9999-12-31", 10) == 0);
}

/* Minutes east of UTC. */
static bool
time_zone(const char *s, size_t len, int *offset)
{
	int hours, minutes;

	*offset = 0;
	if (len == 1)
		return *s == 'Z' || *s == 'z';
	if (len != 6 || (*s != '+' && *s != '-') || s[3] != ':')
		return false;
	hours = number(s + 1, 2);
	minutes = number(s + 4, 2);
	*offset = (hours * 60 + minutes) * (*s == '+' ? 1 : -1);
	return hours >= 0 && hours <= 15 && minutes >= 0 && minutes <= 59;
}

/* The number of exactly len digits, or -1. */
static int
number(const char *s, size_t len)
{
	int value = 0;

	for (; len > 0; len--, s++) {
		if (!isdigit((unsigned char)*s))
			return -1;
		value = value * 10 + (*s - '0');
	}
	return value;
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
