/*
 * Cross-origin requests (Fetch standard): origins come from an allow-list,
 * credentials are bearer tokens and never cookies.
 */
#include <string.h>

#include "cors.h"
#include "http_headers.h"
#include "request.h"
#include "request_settings.h"
#include "route.h"

static const char *preflight(struct request *);

/* A browser sends it in small letters, always the same for the same site. */
static bool
is_allowed(const char *origin)
{
	const char *p = request_settings->cors_origins;
	size_t	    len;

	while (*p != '\0') {
		p += strspn(p, ", ");
		len = strcspn(p, ", ");
		if ((len == 1 && *p == '*') ||
		    (len == strlen(origin) && memcmp(p, origin, len) == 0))
			return true;
		p += len;
	}
	return false;
}

const char *
cors_headers(struct request *r)
{
	const char *origin;

	if (*request_settings->cors_origins == '\0' || r->msg == NULL)
		return "";
	origin = http_header(r->msg, "origin");
	if (origin == NULL || !is_allowed(origin))
		return "vary: origin\r\n";
	return arena_printf(r->arena,
	    "vary: origin\r\n"
	    "access-control-allow-origin: %s\r\n"
	    "access-control-expose-headers: ETag, Link, Location, "
	    "Retry-After, Request-Id, RateLimit, RateLimit-Policy, "
	    "Traceparent, Idempotency-Replayed, Content-Disposition, "
	    "Repr-Digest\r\n%s",
	    origin, preflight(r));
}

/* The methods are those of the path, as in Allow. */
static const char *
preflight(struct request *r)
{
	char methods[ROUTE_METHODS_SIZE];

	if (r->msg->method != HTTP_OPTIONS || r->allow == 0 ||
	    http_header(r->msg, "access-control-request-method") == NULL)
		return "";
	(void)route_methods(methods, r->allow);
	return arena_printf(r->arena,
	    "access-control-allow-methods: %s\r\n"
	    "access-control-allow-headers: Authorization, Content-Type, "
	    "If-Match, If-None-Match, Idempotency-Key, Traceparent, "
	    "Tracestate, Content-Disposition, Repr-Digest, "
	    "Content-Digest\r\n"
	    "access-control-max-age: 600\r\n",
	    methods);
}
