/*
 * A refusal says where tokens come from (RFC 9728): the challenge of RFC 6750
 * names the metadata of this service, and these the issuer.
 */
#include <string.h>

#include "auth_issuers.h"
#include "builder.h"
#include "challenge.h"
#include "http_headers.h"
#include "json.h"
#include "request_settings.h"
#include "scopes.h"
#include "text.h"

static const char *error_of(const struct request *);

char *
challenge_write(const struct request *r, char *p)
{
	bool lacks_scope =
	    r->op != NULL && r->problem.kind == PROBLEM_INSUFFICIENT_SCOPE;

	if (r->reply.status != 401 && !lacks_scope)
		return p;
	p = TEXT_ADD(p,
	    "www-authenticate: Bearer realm=\"casework\", resource_metadata=\"",
	    request_settings->public_url,
	    "/.well-known/oauth-protected-resource\"");
	if (lacks_scope)
		p = TEXT_ADD(p, ", error=\"insufficient_scope\", scope=\"",
		    r->op->scope, "\"");
	else
		p = stpcpy(p, error_of(r));
	return stpcpy(p, "\r\n");
}

/* None for who has not tried (RFC 6750 §3.1). */
static const char *
error_of(const struct request *r)
{
	return r->msg != NULL && http_header(r->msg, "authorization") != NULL ?
	    ", error=\"invalid_token\"" :
	    "";
}

const char *
challenge_metadata(struct request *r, size_t *len)
{
	struct builder b = { .arena = r->arena };
	const char    *name;
	size_t	       i;

	builder_printf(&b, "{\"resource\":%s,\"authorization_servers\":[",
	    json_quote(r->arena, request_settings->public_url));
	/* The first is the operator's, whose keys no server stands behind. */
	for (i = 1; (name = auth_issuers_name(i)) != NULL; i++)
		builder_printf(&b, "%s,", json_quote(r->arena, name));
	if ((name = auth_issuers_name(0)) != NULL)
		builder_printf(&b, "%s", json_quote(r->arena, name));
	builder_printf(&b,
	    "],\"bearer_methods_supported\":[\"header\"],"
	    "\"scopes_supported\":[");
	for (i = 0; (name = scopes_name(i)) != NULL; i++)
		builder_printf(&b, "%s\"%s\"", i == 0 ? "" : ",", name);
	builder_printf(&b,
	    "],\"resource_name\":\"casework\",\"resource_documentation\":%s}",
	    json_quote(r->arena,
		arena_printf(r->arena, "%s/openapi.json",
		    request_settings->public_url)));
	*len = b.len;
	return builder_text(&b);
}
