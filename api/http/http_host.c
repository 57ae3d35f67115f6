/*
 * Host: see http_host.h. Nothing here is looked up. What is refused is what a
 * reader in front could take for another host.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "http_host.h"

#define PORT_MAX 65535

static const char *skip_name(const char *, const char *);
static const char *skip_literal(const char *, const char *);
static bool	   is_future(const char *);
static bool	   is_port(const char *, const char *);
static bool	   is_plain(char);

bool
http_is_host(const char *text, size_t len)
{
	const char *end = text + len, *p;

	if (len == 0)
		return false;
	p = *text == '[' ? skip_literal(text, end) : skip_name(text, end);
	if (p == NULL || p == text)
		return false;
	return p == end || (*p == ':' && is_port(p + 1, end));
}

/* reg-name, which an IPv4 address is too */
static const char *
skip_name(const char *p, const char *end)
{
	while (p < end) {
		if (is_plain(*p))
			p++;
		else if (*p == '%' && end - p > 2 &&
		    isxdigit((unsigned char)p[1]) &&
		    isxdigit((unsigned char)p[2]))
			p += 3;
		else
			break;
	}
	return p;
}

/* "[" ( IPv6address / IPvFuture ) "]" */
static const char *
skip_literal(const char *p, const char *end)
{
	struct in6_addr address;
	char		text[64] = "";
	const char     *close = memchr(p, ']', (size_t)(end - p));
	size_t		len;

	if (close == NULL || (len = (size_t)(close - ++p)) >= sizeof(text))
		return NULL;
	memcpy(text, p, len);
	return inet_pton(AF_INET6, text, &address) == 1 || is_future(text) ?
	    close + 1 :
	    NULL;
}

/* "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" ) */
static bool
is_future(const char *p)
{
	const char *version = p + 1;

	if (*p != 'v' && *p != 'V')
		return false;
	for (p = version; isxdigit((unsigned char)*p); p++)
		;
	if (p == version || *p != '.' || p[1] == '\0')
		return false;
	for (p++; *p == ':' || is_plain(*p); p++)
		;
	return *p == '\0';
}

/* It may be empty, as in RFC 3986. */
static bool
is_port(const char *p, const char *end)
{
	unsigned port = 0;

	for (; p < end && isdigit((unsigned char)*p) && port <= PORT_MAX; p++)
		port = port * 10 + (unsigned)(*p - '0');
	return p == end && port <= PORT_MAX;
}

/* unreserved / sub-delims, a bit each: it is asked for each byte of a name */
static bool
is_plain(char c)
{
	static const uint64_t plain[] = { 0x2bff7fd200000000,
		0x47fffffe87fffffe };
	const unsigned char   u = (unsigned char)c;

	return u < 128 && plain[u / 64] >> u % 64 & 1;
}
