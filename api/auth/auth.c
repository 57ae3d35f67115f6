/*
 * Bearer tokens to callers (RFC 6750, RFC 7519, RFC 9068). A token passes
 * every row of checks[] and of claims[], or is refused with that row's
 * sentence. The key of the kid says which algorithm is right, never the token.
 *
 * The signature comes last because it is dear (RS256 and ES256). Nothing
 * leaves before it has been verified.
 */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "auth.h"
#include "auth_cache.h"
#include "auth_keys.h"
#include "auth_proof.h"
#include "auth_signature.h"
#include "base64url.h"
#include "json.h"

#define LEEWAY	     5		  /* seconds, of nbf and iat; exp has none */
#define SLOW_MAX     500	  /* RS256 and ES256 verifications a second */
#define NAME_MAX_LEN 256	  /* of jti and client_id */
#define TIME_MAX     253402300799 /* the end of the year 9999 */

struct token {
	const char *text;
	size_t	    len;
	int64_t	    now;
	struct {
		const char *text;
		size_t	    len;
	} part[3];
	json_t		      *header;
	json_t		      *claims;
	const struct auth_key *key;
	struct caller	       caller;
};

const char auth_busy[] =
    "Too many tokens are being verified, try again in a second.";

static const char *split(struct token *);
static const char *check_header(struct token *);
static const char *check_claims(struct token *);
static const char *check_signature(struct token *);

static const char *(*const checks[])(struct token *) = {
	split,
	check_header,
	check_claims,
	check_signature,
};

static const char *check_iss(struct token *, const json_t *);
static const char *check_aud(struct token *, const json_t *);
static const char *check_exp(struct token *, const json_t *);
static const char *check_nbf(struct token *, const json_t *);
static const char *check_iat(struct token *, const json_t *);
static const char *check_sub(struct token *, const json_t *);
static const char *check_jti(struct token *, const json_t *);
static const char *check_client_id(struct token *, const json_t *);
static const char *check_scope(struct token *, const json_t *);
static const char *check_act(struct token *, const json_t *);

/* Each is called, with NULL if the claim is absent. */
static const struct {
	const char *name;
	const char *(*check)(struct token *, const json_t *);
} claims[] = {
	{ "iss", check_iss },
	{ "aud", check_aud },
	{ "exp", check_exp },
	{ "nbf", check_nbf },
	{ "iat", check_iat },
	{ "sub", check_sub },
	{ "jti", check_jti },
	{ "client_id", check_client_id },
	{ "scope", check_scope },
	{ "act", check_act },
};

static json_t *decode_part(const struct token *, int);
static bool    has_budget(int64_t);
static bool    is_text(const json_t *, size_t);
static bool    numeric_date(const json_t *, int64_t *);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct caller *
auth_verify(const char *token, size_t len, int64_t now, const char **why)
{
	struct token	     t = { .text = token, .len = len, .now = now };
	const struct caller *caller;
	size_t		     i;

	*why = NULL;
	if (len > AUTH_TOKEN_MAX) {
		*why = "The token is too long.";
		return NULL;
	}
	if ((caller = auth_cache_find(token, len)) != NULL) {
		if (caller->expires > now)
			return caller;
		*why = "The token has expired.";
		return NULL;
	}
	for (i = 0; i < COUNT(checks) && *why == NULL; i++)
		*why = checks[i](&t);
	json_decref(t.header);
	json_decref(t.claims);
	if (*why != NULL)
		return NULL;
	auth_proof(&t.caller);
	return auth_cache_add(token, len, &t.caller, now);
}

static const char *
split(struct token *t)
{
	const char *next = t->text, *end = t->text + t->len, *dot;
	int	    i;

	for (i = 0; i < 3; i++) {
		dot = memchr(next, '.', (size_t)(end - next));
		if ((dot == NULL) != (i == 2))
			return "The token does not have three parts.";
		t->part[i].text = next;
		t->part[i].len = (size_t)((i < 2 ? dot : end) - next);
		if (i < 2)
			next = dot + 1;
	}
	return NULL;
}

static const char *
check_header(struct token *t)
{
	const char *kid, *alg, *typ;

	if ((t->header = decode_part(t, 0)) == NULL)
		return "The token's header is not a JSON object in base64url.";
	if (json_object_get(t->header, "crit") != NULL)
		return "The token's header demands an unknown extension.";
	typ = json_string_value(json_object_get(t->header, "typ"));
	if (typ == NULL ||
	    (strcasecmp(typ, "at+jwt") != 0 &&
		strcasecmp(typ, "application/at+jwt") != 0))
		return "The token's type is not at+jwt.";
	kid = json_string_value(json_object_get(t->header, "kid"));
	if (kid == NULL || (t->key = auth_key_find(kid)) == NULL)
		return "The token's key is unknown.";
	/* The key says which algorithm; the token must agree. */
	alg = json_string_value(json_object_get(t->header, "alg"));
	if (alg == NULL || strcmp(alg, t->key->algorithm->name) != 0)
		return "The token's algorithm is not that of its key.";
	return NULL;
}

static const char *
check_claims(struct token *t)
{
	const char *why = NULL;
	size_t	    i;

	if ((t->claims = decode_part(t, 1)) == NULL)
		return "The token's claims are not a JSON object in base64url.";
	for (i = 0; i < COUNT(claims) && why == NULL; i++)
		why = claims[i].check(t,
		    json_object_get(t->claims, claims[i].name));
	return why;
}

static const char *
check_signature(struct token *t)
{
	static const char      bad[] = "The token's signature is wrong.";
	const struct auth_key *key = t->key;
	unsigned char	       bytes[BASE64URL_BYTES(AUTH_TOKEN_MAX)];

	/* Exactly the bytes of the key's algorithm: no junk behind them. */
	if (base64url_decode(t->part[2].text, t->part[2].len, bytes) !=
	    (ssize_t)key->signature_len)
		return bad;
	if (key->slow && !has_budget(t->now))
		return auth_busy;
	return auth_verify_signature(key, t->text, t->len,
		   t->part[0].len + 1 + t->part[1].len) ?
	    NULL :
	    bad;
}

/* A flood of junk costs at most a fifth of a core (400 us each). */
static bool
has_budget(int64_t now)
{
	static int64_t	second;
	static unsigned used;

	if (now != second) {
		second = now;
		used = 0;
	}
	return used++ < SLOW_MAX;
}

/* A new reference; NULL if the part is not one strict JSON object. */
static json_t *
decode_part(const struct token *t, int i)
{
	char	bytes[BASE64URL_BYTES(AUTH_TOKEN_MAX)], err[128];
	ssize_t len = base64url_decode(t->part[i].text, t->part[i].len, bytes);
	json_t *json = NULL;

	if (len > 0)
		json = json_parse_strict(bytes, (size_t)len, err, sizeof(err));
	if (json_is_object(json))
		return json;
	json_decref(json);
	return NULL;
}

static const char *
check_iss(struct token *t, const json_t *value)
{
	(void)t;
	if (json_is_string(value) &&
	    strcmp(json_string_value(value), auth_issuer()) == 0)
		return NULL;
	return "The token is of another issuer.";
}

static const char *
check_aud(struct token *t, const json_t *value)
{
	const json_t *item = value;
	size_t	      i, count = 1;
	bool	      found = false;

	(void)t;
	if (json_is_array(value))
		count = json_array_size(value);
	for (i = 0; i < count; i++) {
		if (json_is_array(value))
			item = json_array_get(value, i);
		if (!json_is_string(item))
			return "The token's audience is not text.";
		found |= strcmp(json_string_value(item), auth_audience()) == 0;
	}
	return found ? NULL : "The token is for another audience.";
}

static const char *
check_exp(struct token *t, const json_t *value)
{
	if (!numeric_date(value, &t->caller.expires))
		return "The token does not say when it expires.";
	return t->caller.expires > t->now ? NULL : "The token has expired.";
}

static const char *
check_nbf(struct token *t, const json_t *value)
{
	int64_t time;

	if (value == NULL)
		return NULL;
	if (!numeric_date(value, &time) || time > t->now + LEEWAY)
		return "The token is not valid yet.";
	return NULL;
}

static const char *
check_iat(struct token *t, const json_t *value)
{
	int64_t time;

	if (!numeric_date(value, &time))
		return "The token does not say when it was issued.";
	if (time > t->now + LEEWAY)
		return "The token was issued in the future.";
	return NULL;
}

static const char *
check_sub(struct token *t, const json_t *value)
{
	if (json_is_string(value))
		t->caller.kind = caller_subject(json_string_value(value),
		    json_string_length(value), t->caller.id);
	if (!json_is_string(value) || t->caller.kind == CALLER_KINDS)
		return "The token's subject is no caller.";
	return NULL;
}

static const char *
check_jti(struct token *t, const json_t *value)
{
	(void)t;
	return is_text(value, NAME_MAX_LEN) ? NULL :
					      "The token has no identifier.";
}

static const char *
check_client_id(struct token *t, const json_t *value)
{
	(void)t;
	return is_text(value, NAME_MAX_LEN) ?
	    NULL :
	    "The token does not name its client.";
}

static const char *
check_scope(struct token *t, const json_t *value)
{
	if (value == NULL)
		return NULL;
	if (!json_is_string(value) ||
	    !caller_scope_valid(json_string_value(value),
		json_string_length(value)))
		return "The token's scope is not a list of scopes.";
	strcpy(t->caller.scope, json_string_value(value));
	return NULL;
}

/* RFC 8693: of a chain of actors only the outermost counts. */
static const char *
check_act(struct token *t, const json_t *value)
{
	const json_t *sub = json_object_get(value, "sub");
	char	      id[CALLER_ID_MAX];

	if (value == NULL)
		return NULL;
	if (!json_is_string(sub) ||
	    caller_subject(json_string_value(sub), json_string_length(sub),
		id) == CALLER_KINDS)
		return "The token's actor is no caller.";
	strcpy(t->caller.actor, json_string_value(sub));
	return NULL;
}

static bool
is_text(const json_t *value, size_t max)
{
	size_t len = json_string_length(value);

	return len > 0 && len <= max;
}

/* RFC 7519: seconds, perhaps with a fraction, which is cut off. */
static bool
numeric_date(const json_t *value, int64_t *time)
{
	if (json_is_integer(value) && json_integer_value(value) >= 0 &&
	    json_integer_value(value) <= TIME_MAX)
		*time = json_integer_value(value);
	else if (json_is_real(value) && json_real_value(value) >= 0 &&
	    json_real_value(value) <= (double)TIME_MAX)
		*time = (int64_t)json_real_value(value);
	else
		return false;
	return true;
}
