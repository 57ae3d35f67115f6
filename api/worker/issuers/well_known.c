/*
 * Both forms leave out a slash at the end of the issuer.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "well_known.h"

static bool split(const char *, int *, int *);

bool
well_known_openid(const char *issuer, char *url, size_t size)
{
	int host, path;

	return split(issuer, &host, &path) &&
	    snprintf(url, size, "%.*s/.well-known/openid-configuration",
		host + path, issuer) < (int)size;
}

bool
well_known_oauth(const char *issuer, char *url, size_t size)
{
	int host, path;

	return split(issuer, &host, &path) &&
	    snprintf(url, size,
		"%.*s/.well-known/oauth-authorization-server%.*s", host, issuer,
		path, issuer + host) < (int)size;
}

/* How long scheme and host are, and the path without a slash at its end. */
static bool
split(const char *issuer, int *host, int *path)
{
	const char *at = strncasecmp(issuer, "https://", 8) == 0 ? issuer + 8 :
	    strncasecmp(issuer, "http://", 7) == 0		 ? issuer + 7 :
								   NULL;
	const char *p;
	size_t	    len;

	if (at == NULL)
		return false;
	for (p = at; *p != '\0'; p++)
		if (*p <= ' ' || *p >= 0x7f || strchr("?#@\\", *p) != NULL)
			return false;
	len = strcspn(at, "/");
	if (len == 0 || p - issuer > 4096)
		return false;
	*host = (int)(at + len - issuer);
	*path = (int)(p - issuer) - *host;
	if (*path > 0 && p[-1] == '/')
		(*path)--;
	return true;
}
