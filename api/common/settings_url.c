/*
 * URLs and addresses in settings. What means the same is taken and written in
 * one way, since other text is put behind it: the scheme and the host in lower
 * case, no slash at the end. All else that no path could follow is refused.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "settings_url.h"

#define URL_MAX 500

/* Of a path (RFC 3986); it is put into JSON, headers and mails as it is. */
#define PATH_CHARACTERS              \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ" \
	"abcdefghijklmnopqrstuvwxyz" \
	"0123456789-._~:@!$&'()*+,;=%/"

static const char *url_fault(const char *);
static const char *authority_fault(const char *, size_t);
static bool	   is_host(const char *, size_t);
static bool	   is_address(const char *, size_t);
static bool	   is_port(const char *, size_t);
static const char *path_fault(const char *);
static void	   lower(char *, size_t);
static bool	   read_origin(char *);

int
settings_url_read(const char *name, const char **value, char *err,
    size_t errlen)
{
	const char *fault;
	char	   *url;
	size_t	    len, host;

	if (**value == '\0')
		return 0;
	fault = url_fault(*value);
	if (fault != NULL) {
		snprintf(err, errlen,
		    "%s=%s: use an http(s) URL like https://desk.example/api: "
		    "%s",
		    name, *value, fault);
		return -1;
	}
	url = strdup(*value); /* for good, as settings are */
	if (url == NULL)
		abort();
	for (len = strlen(url); url[len - 1] == '/'; len--)
		;
	url[len] = '\0';
	host = (size_t)(strstr(url, "://") - url) + 3;
	lower(url, host + strcspn(url + host, "/"));
	*value = url;
	return 0;
}

/* Why it is none that a path can be appended to, or NULL. */
static const char *
url_fault(const char *url)
{
	size_t	    scheme = strncasecmp(url, "https://", 8) == 0 ? 8 :
		 strncasecmp(url, "http://", 7) == 0		  ? 7 :
								    0;
	size_t	    len = strcspn(url + scheme, "/?#");
	const char *fault;

	if (scheme == 0)
		return "it does not begin with https:// or http://";
	if (strlen(url) > URL_MAX)
		return "it is too long";
	if (strpbrk(url, "?#") != NULL)
		return "it has a query or a fragment, which no path can follow";
	fault = authority_fault(url + scheme, len);
	return fault != NULL ? fault : path_fault(url + scheme + len);
}

static const char *
authority_fault(const char *at, size_t len)
{
	size_t host;

	if (memchr(at, '@', len) != NULL)
		return "a user or a password does not belong into links";
	if (*at == '[') {
		host = strcspn(at, "]");
		if (host >= len || !is_address(at + 1, host - 1))
			return "what stands in brackets is no IPv6 address";
		host++;
	} else {
		host = strcspn(at, ":/");
		if (host < len && memchr(at + host + 1, ':', len - host - 1))
			return "an IPv6 address stands in brackets";
		if (!is_host(at, host))
			return "it names no host";
	}
	if (host < len &&
	    (at[host] != ':' || !is_port(at + host + 1, len - host - 1)))
		return "its port is no number from 1 to 65535";
	return NULL;
}

/* Labels of a name, or IPv4: letters, digits, hyphens, underscores. */
static bool
is_host(const char *at, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (at[i] == '.' ? i == 0 || at[i - 1] == '.' :
				   !isalnum((unsigned char)at[i]) &&
			    at[i] != '-' && at[i] != '_')
			return false;
	return len > 0 && len <= 253;
}

static bool
is_address(const char *at, size_t len)
{
	char		text[INET6_ADDRSTRLEN];
	struct in6_addr address;

	if (len >= sizeof(text))
		return false;
	memcpy(text, at, len);
	text[len] = '\0';
	return inet_pton(AF_INET6, text, &address) == 1;
}

static bool
is_port(const char *at, size_t len)
{
	size_t i;
	long   port = 0;

	for (i = 0; i < len && i < 5; i++) {
		if (!isdigit((unsigned char)at[i]))
			return false;
		port = port * 10 + (at[i] - '0');
	}
	return len <= 5 && port >= 1 && port <= 65535;
}

/* Dots and empty parts are read differently by whoever stands in front. */
static const char *
path_fault(const char *path)
{
	const char *p;
	size_t	    len;

	for (p = path; *p != '\0'; p++)
		if (strchr(PATH_CHARACTERS, *p) == NULL ||
		    (*p == '%' &&
			(!isxdigit((unsigned char)p[1]) ||
			    !isxdigit((unsigned char)p[2]))))
			return "its path has characters that no URL has";
	for (p = path; *p == '/'; p += len) {
		len = strcspn(++p, "/");
		if (p[strspn(p, "/")] == '\0')
			break;
		if (len == 0 || (len == 1 && *p == '.') ||
		    (len == 2 && strncmp(p, "..", 2) == 0))
			return "its path has a part without text, or of dots";
	}
	return NULL;
}

static void
lower(char *text, size_t len)
{
	for (; len > 0; len--, text++)
		*text = (char)tolower((unsigned char)*text);
}

int
settings_url_read_origins(const char *name, const char **value, char *err,
    size_t errlen)
{
	char *list = strdup(*value), *origin, *rest, *text;

	text = calloc(1, strlen(*value) + 1);
	if (list == NULL || text == NULL)
		abort();
	for (origin = strtok_r(list, ", ", &rest); origin != NULL;
	     origin = strtok_r(NULL, ", ", &rest)) {
		if (strcmp(origin, "*") != 0 && !read_origin(origin))
			break;
		if (*text != '\0')
			strcat(text, ",");
		strcat(text, origin);
	}
	if (origin != NULL)
		snprintf(err, errlen,
		    "%s=%s: use origins like https://portal.example:8443, "
		    "without a path, or *",
		    name, *value);
	free(list);
	*value = text;
	return origin == NULL ? 0 : -1;
}

/*
 * As browsers write it (RFC 6454, 6.2): lower case, without a slash, and
 * without the port that goes without saying.
 */
static bool
read_origin(char *origin)
{
	static const char *const usual[][2] = { { "https://", ":443" },
		{ "http://", ":80" } };
	size_t			 scheme, len = strlen(origin), port, i;

	lower(origin, len);
	scheme = strspn(origin, "abcdefghijklmnopqrstuvwxyz0123456789+-.");
	if (scheme == 0 || strncmp(origin + scheme, "://", 3) != 0)
		return false;
	scheme += 3;
	if (origin[len - 1] == '/' && len > scheme)
		origin[--len] = '\0';
	if (strcspn(origin + scheme, "/?#") < len - scheme ||
	    authority_fault(origin + scheme, len - scheme) != NULL)
		return false;
	for (i = 0; i < sizeof(usual) / sizeof(usual[0]); i++) {
		port = strlen(usual[i][1]);
		if (strncmp(origin, usual[i][0], scheme) == 0 && len > port &&
		    strcmp(origin + len - port, usual[i][1]) == 0)
			origin[len - port] = '\0';
	}
	return true;
}

void
settings_url_read_bind(const char **value)
{
	size_t len = strlen(*value);
	char  *text;

	if (len < 2 || **value != '[' || (*value)[len - 1] != ']')
		return;
	text = strndup(*value + 1, len - 2);
	if (text == NULL)
		abort();
	*value = text;
}

void
settings_url_make(char *url, size_t size, const char *bind, const char *port)
{
	const char *host = strcmp(bind, "0.0.0.0") == 0 ? "127.0.0.1" :
	    strcmp(bind, "::") == 0			? "::1" :
							  bind;
	bool	    ipv6 = strchr(host, ':') != NULL;

	snprintf(url, size, "http://%s%s%s:%s", ipv6 ? "[" : "", host,
	    ipv6 ? "]" : "", port);
}
