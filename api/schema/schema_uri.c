/*
 * URIs (RFC 3986, appendix A), by their grammar.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "schema_uri.h"

#define PORT_MAX 65535
#define SIGNS	 "-._~!$&'()*+,;=" /* unreserved and sub-delims */

static const char *scheme(const char *);
static bool	   consists_of(const char *, size_t, const char *);
static bool	   authority(const char *, size_t, bool);
static bool	   literal(const char *, size_t);
static bool	   port(const char *, size_t);

bool
schema_uri(const char *s, size_t len)
{
	const char *rest = scheme(s);
	size_t	    n;
	bool	    http;

	if (rest == NULL || strlen(s) != len)
		return false;
	http =
	    strncasecmp(s, "http:", 5) == 0 || strncasecmp(s, "https:", 6) == 0;
	if (*rest == '\0' || (http && strncmp(rest, "//", 2) != 0))
		return false;
	if (strncmp(rest, "//", 2) == 0) {
		rest += 2;
		n = strcspn(rest, "/?#");
		if (!authority(rest, n, http))
			return false;
		rest += n;
	}
	n = strcspn(rest, "?#");
	if (!consists_of(rest, n, SIGNS ":@/"))
		return false;
	rest += n;
	if (*rest == '?') {
		n = strcspn(++rest, "#");
		if (!consists_of(rest, n, SIGNS ":@/?"))
			return false;
		rest += n;
	}
	return *rest == '\0' ||
	    consists_of(rest + 1, strlen(rest + 1), SIGNS ":@/?");
}

/* What follows it and its colon; NULL: there is none. */
static const char *
scheme(const char *s)
{
	if (!isalpha((unsigned char)*s))
		return NULL;
	while (isalnum((unsigned char)*s) || *s == '+' || *s == '-' ||
	    *s == '.')
		s++;
	return *s == ':' ? s + 1 : NULL;
}

/* Letters, digits, those signs and percent-encoded bytes. */
static bool
consists_of(const char *s, size_t len, const char *signs)
{
	const char *end = s + len;

	for (; s < end; s++) {
		if (isalnum((unsigned char)*s) || strchr(signs, *s) != NULL)
			continue;
		if (*s != '%' || end - s < 3 ||
		    !isxdigit((unsigned char)s[1]) ||
		    !isxdigit((unsigned char)s[2]))
			return false;
		s += 2;
	}
	return true;
}

/* [ userinfo "@" ] host [ ":" port ] */
static bool
authority(const char *s, size_t len, bool wants_host)
{
	const char *end = s + len, *at = memchr(s, '@', len), *host, *colon;

	if (at != NULL && !consists_of(s, (size_t)(at - s), SIGNS ":"))
		return false;
	host = at == NULL ? s : at + 1;
	if (host < end && *host == '[') {
		colon = memchr(host, ']', (size_t)(end - host));
		if (colon == NULL ||
		    !literal(host + 1, (size_t)(colon - host) - 1))
			return false;
		colon++;
	} else {
		colon = memchr(host, ':', (size_t)(end - host));
		if (colon == NULL)
			colon = end;
		if (!consists_of(host, (size_t)(colon - host), SIGNS) ||
		    (wants_host && colon == host))
			return false;
	}
	return colon == end ||
	    (*colon == ':' && port(colon + 1, (size_t)(end - colon) - 1));
}

/* An address of IPv6, or "v1.something" of a version to come. */
static bool
literal(const char *s, size_t len)
{
	unsigned char address[16];
	char	      text[INET6_ADDRSTRLEN];
	size_t	      digits;

	if (len > 0 && (*s == 'v' || *s == 'V')) {
		digits = strspn(s + 1, "0123456789abcdefABCDEF");
		return digits > 0 && digits + 2 < len && s[digits + 1] == '.' &&
		    memchr(s, '%', len) == NULL &&
		    consists_of(s + digits + 2, len - digits - 2, SIGNS ":");
	}
	if (len >= sizeof(text))
		return false;
	memcpy(text, s, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, address) == 1;
}

/* It may be left out behind its colon. */
static bool
port(const char *s, size_t len)
{
	unsigned value = 0;

	for (; len > 0; s++, len--) {
		if (!isdigit((unsigned char)*s))
			return false;
		value = value * 10 + (unsigned)(*s - '0');
		if (value > PORT_MAX)
			return false;
	}
	return true;
}
