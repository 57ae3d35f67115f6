/*
 * One field line (RFC 9112 5): what other readers might forgive is refused, a
 * space before the colon, a control character, a line that goes on in the next.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "http_field.h"

/* Those that end in a hyphen are all that begin so. */
static const char *const never_trail[] = { "Accept", "Accept-",
	"Access-Control-", "Age", "Authorization", "Cache-Control",
	"Connection", "Content-", "Cookie", "Date", "Expect", "Expires",
	"Forwarded", "Host", "Idempotency-Key", "If-", "Keep-Alive", "Location",
	"Max-Forwards", "Origin", "Pragma", "Prefer", "Proxy-", "Range",
	"Retry-After", "Set-Cookie", "TE", "Traceparent", "Tracestate",
	"Trailer", "Transfer-Encoding", "Upgrade", "Vary", "Via", "Warning",
	"X-Forwarded-", "X-Http-Method", "X-Http-Method-" };

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
