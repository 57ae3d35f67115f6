/*
 * The values of the keyword format. A value that passes here never fails in
 * PostgreSQL.
 */
#include <ctype.h>
#include <string.h>

#include "schema_internal.h"
#include "schema_uri.h"
#include "unicode.h"

#define LABEL_MAX 63

static bool	   email(const char *, size_t);
static bool	   is_domain(const char *, size_t);
static const char *text_fault(const char *);
static const char *line_fault(const char *);

static const struct schema_format formats[] = {
	{ .name = "date",
	    .valid = schema_date,
	    .detail = "Must be a date like \"2026-11-23\"." },
	{ .name = "date-time",
	    .valid = schema_date_time,
	    .detail = "Must be a time with its offset like "
		      "\"2026-11-23T10:00:00-06:00\" or "
		      "\"2026-11-23T16:00:00Z\".",
	    .plain = schema_plain_time },
	{ .name = "email",
	    .valid = email,
	    .detail = "Must be an e-mail address." },
	{ .name = "uri",
	    .valid = schema_uri,
	    .detail = "Must be an absolute URI like "
		      "\"https://example.org/path\"." },
	{ .name = "text", .text_fault = text_fault },
	{ .name = "text-line", .text_fault = line_fault },
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
