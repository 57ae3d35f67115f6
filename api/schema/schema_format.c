/*
 * The values of the keyword format. Formats accept what PostgreSQL accepts as
 * well, so that a value that passes here never fails there: no leap second, no
 * offset beyond 15:59, years 0001 to 9999 in UTC.
 */
#include <ctype.h>
#include <string.h>

#include "schema_internal.h"
#include "schema_uri.h"
#include "unicode.h"

#define LABEL_MAX 63

static bool	   date(const char *, size_t);
static bool	   date_time(const char *, size_t);
static bool	   email(const char *, size_t);
static bool	   is_domain(const char *, size_t);
static int	   number(const char *, size_t);
static bool	   time_zone(const char *, size_t, int *);
static const char *text_fault(const char *);
static const char *line_fault(const char *);

static const struct schema_format formats[] = {
	{ "date", date, "Must be a date like \"2026-11-23\".", NULL },
	{ "date-time", date_time,
	    "Must be a time with its offset like "
	    "\"2026-11-23T10:00:00-06:00\" or \"2026-11-23T16:00:00Z\", "
	    "with at most 6 digits of a fraction.",
	    NULL },
	{ "email", email, "Must be an e-mail address.", NULL },
	{ "uri", schema_uri,
	    "Must be an absolute URI like "
	    "\"https://example.org/path\".",
	    NULL },
	{ "text", NULL, NULL, text_fault },
	{ "text-line", NULL, NULL, line_fault },
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
	const char	 *at = memchr(s, '@', len), *p;
	char		  before = '.';

	if (at == NULL || at - s > 64 || len > 254)
		return false;
	/* No part is empty. */
	for (p = s; p < at; before = *p++) {
		if (*p <= ' ' || *p >= 127 || strchr(refused, *p) != NULL ||
		    (*p == '.' && before == '.'))
			return false;
	}
	return before != '.' && is_domain(at + 1, len - (size_t)(at + 1 - s));
}

/* Labels of 1 to 63 letters, digits and hyphens, which stand inside. */
static bool
is_domain(const char *s, size_t len)
{
	const char *end = s + len, *label = s, *p;

	for (p = s; p <= end; p++) {
		if (p < end && *p != '.') {
			if (!isalnum((unsigned char)*p) && *p != '-')
				return false;
			continue;
		}
		if (p == label || p - label > LABEL_MAX || *label == '-' ||
		    p[-1] == '-')
			return false;
		label = p + 1;
	}
	return true;
}

const char *
schema_format_fault(const struct schema_format *format, const char *text,
    size_t len)
{
	if (format->text_fault != NULL)
		return format->text_fault(text);
	return format->valid(text, len) ? NULL : format->detail;
}

static const char *
text_fault(const char *text)
{
	return unicode_shows(text) ?
	    NULL :
	    "Must have something that can be seen: spaces and invisible "
	    "characters alone are no text.";
}

static const char *
line_fault(const char *text)
{
	unsigned holds = unicode_holds(text);

	if (!unicode_shows(text))
		return text_fault(text);
	if (holds & (UNICODE_CONTROL | UNICODE_LINE_END))
		return "Must be one line: without line ends, tabs and other "
		       "control characters.";
	return holds & UNICODE_BIDI ?
	    "Must not have characters that turn the direction of writing, "
	    "such as U+202E." :
	    NULL;
}
