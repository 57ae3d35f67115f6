/*
 * One field line (RFC 9112 5): what other readers might forgive is refused, a
 * space before the colon, a control character, a line that goes on in the next.
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "http_field.h"

/* Those that end in a hyphen are all that begin so. */
static const char *const never_trail[] = { "Accept", "Accept-",
	"Access-Control-", "Age", "Authorization", "Cache-Control",
	"Connection", "Content-", "Cookie", "Date", "Digest", "Expect",
	"Expires", "Forwarded", "Host", "Idempotency-Key", "If-", "Keep-Alive",
	"Location", "Max-Forwards", "Origin", "Pragma", "Prefer", "Proxy-",
	"Range", "Repr-Digest", "Retry-After", "Set-Cookie", "TE",
	"Traceparent", "Tracestate", "Trailer", "Transfer-Encoding", "Upgrade",
	"Vary", "Via", "Warning", "X-Forwarded-", "X-Http-Method",
	"X-Http-Method-" };

bool
http_is_tchar(char c)
{
	/* A bit per character: it is asked for each byte of a name. */
	static const uint64_t tchar[] = { 0x3ff6cfa00000000,
		0x57ffffffc7fffffe };
	const unsigned char   u = (unsigned char)c;

	return u < 128 && tchar[u / 64] >> u % 64 & 1;
}

bool
http_is_token(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!http_is_tchar(p[i]))
			return false;
	return len > 0;
}

size_t
http_value_length(const char *p, size_t max)
{
	size_t n = 0;

	if (max == 0 || *p != '"') {
		while (n < max && http_is_tchar(p[n]))
			n++;
		return n;
	}
	for (n = 1; n < max && p[n] != '"'; n++) {
		if (p[n] == '\\' && ++n == max)
			return 0;
		if (((unsigned char)p[n] < 0x20 && p[n] != '\t') ||
		    p[n] == 0x7f)
			return 0;
	}
	return n < max ? n + 1 : 0;
}

int
http_next_parameter(const char **text, struct http_parameter *out)
{
	const char *p = *text;
	bool	    any = false;

	/* Semicolons with nothing between them say nothing. */
	for (; *p == ';' || *p == ' ' || *p == '\t'; p++)
		any |= *p == ';';
	*text = p;
	if (!any || *p == ',' || *p == '\0')
		return 0;
	out->name = p;
	while (http_is_tchar(*p))
		p++;
	out->name_len = (size_t)(p - out->name);
	if (out->name_len == 0 || *p != '=')
		return -1;
	out->value = p + 1;
	out->value_len = http_value_length(out->value, SIZE_MAX);
	if (out->value_len == 0)
		return -1;
	*text = out->value + out->value_len;
	return 1;
}

bool
http_parameter_is(const struct http_parameter *p, const char *name)
{
	size_t i;

	/* There may be many, and most differ at once. */
	for (i = 0; i < p->name_len; i++)
		if (tolower((unsigned char)p->name[i]) != name[i])
			return false;
	return name[i] == '\0';
}

bool
http_parameter_value(const struct http_parameter *p, char *out, size_t size)
{
	const bool  quoted = *p->value == '"';
	const char *in = p->value + quoted, *end = p->value + p->value_len;
	size_t	    n = 0;

	for (end -= quoted; in < end; in++) {
		in += quoted && *in == '\\';
		if (n == size - 1)
			return false;
		out[n++] = *in;
	}
	out[n] = '\0';
	return true;
}

/* field-line = field-name ":" OWS field-value OWS */
const char *
http_field_read(char *line, char *eol, struct http_header *field)
{
	char *colon = memchr(line, ':', (size_t)(eol - line)), *value, *end, *p;

	if (colon == NULL || !http_is_token(line, (size_t)(colon - line)))
		return "A header line is malformed.";
	for (value = colon + 1;
	     value < eol && (*value == ' ' || *value == '\t'); value++)
		;
	for (end = eol; end > value && (end[-1] == ' ' || end[-1] == '\t');
	     end--)
		;
	for (p = value; p < end; p++)
		if (((unsigned char)*p < 0x20 && *p != '\t') || *p == 0x7f)
			return "A header value holds a control character.";
	*colon = '\0';
	*end = '\0';
	field->name = line;
	field->value = value;
	return NULL;
}

bool
http_may_trail(const char *name)
{
	size_t i, len;

	for (i = 0; i < sizeof(never_trail) / sizeof(never_trail[0]); i++) {
		len = strlen(never_trail[i]);
		if (strncasecmp(name, never_trail[i], len) == 0 &&
		    (name[len] == '\0' || never_trail[i][len - 1] == '-'))
			return false;
	}
	return true;
}
