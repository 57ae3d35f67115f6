/*
 * Bearer tokens to callers (RFC 6750, RFC 7519, RFC 9068). A token passes
 * every row of checks[] and of claims[], or is refused with that row's
 * sentence. The key of the kid says which algorithm is right, never the token.
 *
 * What a token can cost has a bound at every step. The header of a stranger is
 * read, so it is short; claims can be long, so they are read after the
 * signature; and of signatures that turn out wrong each source has only so many
 * (auth_failures.c). Whoever sends good tokens pays nothing of this.
 */
#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "auth.h"
#include "auth_cache.h"
#include "auth_counts.h"
#include "auth_failures.h"
#include "auth_keys.h"
#include "auth_parts.h"
#include "auth_settings.h"
#include "auth_signature.h"
#include "base64url.h"
#include "scopes.h"

#define LEEWAY	     30		  /* seconds, of nbf and iat; exp has none */
#define HEADER_MAX   1024	  /* characters */
#define NAME_MAX_LEN 256	  /* of jti and client_id */
#define TIME_MAX     253402300799 /* the end of the year 9999 */

struct token {
	const struct auth_try *try;
	int64_t		       now;
	struct auth_part       part[AUTH_PARTS];
	json_t		      *header;
	json_t		      *claims;
	const struct auth_key *key;
	enum auth_failure      failure; /* what it is if it is refused now */
	bool		       checked; /* its signature, at a price */
	bool		       early;	/* it may be good one day */
	struct caller	       caller;
};

const char auth_busy[] =
    "Too many tokens from this address were wrong, try again in a second.";
static const char expired[] = "The token has expired.";

static const char *split(struct token *);
static const char *check_header(struct token *);
static const char *check_signature(struct token *);
static const char *check_claims(struct token *);

static const struct {
	enum auth_failure failure;
	const char *(*check)(struct token *);
} checks[] = {
	{ AUTH_FORM, split },
	{ AUTH_HEADER, check_header },
	{ AUTH_SIGNATURE, check_signature },
	{ AUTH_CLAIMS, check_claims },
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

/* Each is called, with NULL if the claim is absent; exp before iat. */
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
	{ "scp", check_scope },
	{ "act", check_act },
};

static const char *judge(struct token *);
static void	   count(struct token *, const char *);
static bool	   is_scopes(struct token *, const json_t *);
static bool	   is_text(const json_t *, size_t);
static bool	   numeric_date(const json_t *, int64_t *);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct caller *
auth_verify(const struct auth_try *try, const char **why)
{
	struct token	     t = { .try = try, .now = try->now };
	const struct caller *caller = NULL;

	*why = NULL;
	if (try->len > AUTH_TOKEN_MAX) {
		t.failure = AUTH_FORM;
		*why = "The token is too long.";
	} else if ((caller = auth_cache_find(try->token, try->len, why)) !=
	    NULL) {
		t.failure = AUTH_EXPIRED;
		*why = caller->expires > try->now ? NULL : expired;
	} else if (*why != NULL)
		t.failure = AUTH_REPEATED;
	else
		*why = judge(&t);
	if (*why != NULL) {
		count(&t, *why);
		return NULL;
	}
	if (caller != NULL)
		return caller;
	return auth_cache_add(try->token, try->len, &t.caller, try->now);
}

/* A token that is neither known as good nor as bad. */
static const char *
judge(struct token *t)
{
	const char *why = NULL;
	size_t	    i;

	for (i = 0; i < COUNT(checks) && why == NULL; i++) {
		t->failure = checks[i].failure;
		why = checks[i].check(t);
	}
	json_decref(t->header);
	json_decref(t->claims);
	return why;
}

/* What was refused: who had it checked pays, but not for the same one twice. */
static void
count(struct token *t, const char *why)
{
	const struct auth_try *try = t->try;

	auth_counts->failures[t->failure]++;
	if (t->checked && !t->early)
		auth_cache_refuse(try->token, try->len, why);
	if (t->checked && auth_key_dear(t->key))
		auth_failures_add(try->source, t->key, try->at);
}

static const char *
split(struct token *t)
{
	return auth_split(t->try->token, t->try->len, t->part) ?
	    NULL :
	    "The token does not have three parts.";
}

static const char *
check_header(struct token *t)
{
	const char *kid, *alg, *typ;

	if (t->part[0].len > HEADER_MAX)
		return "The token's header is too long.";
	if ((t->header = auth_part_json(&t->part[0])) == NULL)
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
	if (alg == NULL ||
	    strcmp(alg, auth_algorithm_names[t->key->algorithm]) != 0)
		return "The token's algorithm is not that of its key.";
	return NULL;
}

static const char *
check_signature(struct token *t)
{
	static const char      wrong[] = "The token's signature is wrong.";
	const struct auth_key *key = t->key;
	const size_t	       len = BASE64URL_LENGTH(key->signature_len);
	unsigned char
	     bytes[BASE64URL_BYTES(BASE64URL_LENGTH(AUTH_SIGNATURE_MAX))];
	bool good;

	/* Exactly the bytes of the key's algorithm: no junk behind them. */
	if (t->part[2].len != len ||
	    base64url_decode(t->part[2].text, len, bytes) == -1)
		return wrong;
	if (auth_key_dear(key) &&
	    !auth_failures_allow(t->try->source, key, t->try->at)) {
		t->failure = AUTH_BUSY;
		return auth_busy;
	}
	t->checked = true;
	good = auth_signature_good(key, t->try->token,
	    t->part[0].len + 1 + t->part[1].len, bytes);
	auth_counts->checks[key->algorithm][good]++;
	return good ? NULL : wrong;
}

static const char *
check_claims(struct token *t)
{
	const char *why = NULL;
	size_t	    i;

	if ((t->claims = auth_part_json(&t->part[1])) == NULL)
		return "The token's claims are not a JSON object in base64url.";
	for (i = 0; i < COUNT(claims) && why == NULL; i++)
		why = claims[i].check(t,
		    json_object_get(t->claims, claims[i].name));
	return why;
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
	if (t->caller.expires > t->now)
		return NULL;
	t->failure = AUTH_EXPIRED;
	return expired;
}

static const char *
check_nbf(struct token *t, const json_t *value)
{
	int64_t time;

	if (value == NULL)
		return NULL;
	t->early = numeric_date(value, &time) && time > t->now + LEEWAY;
	if (t->early || !numeric_date(value, &time))
		return "The token is not valid yet.";
	return NULL;
}

/*
 * A token cannot be called back: one that leaked is good until it ends, so its
 * life has a bound. iat is not in the future, so that bounds exp as well.
 */
static const char *
check_iat(struct token *t, const json_t *value)
{
	int64_t time;

	if (!numeric_date(value, &time))
		return "The token does not say when it was issued.";
	t->early = time > t->now + LEEWAY;
	if (t->early)
		return "The token was issued in the future.";
	if (t->caller.expires - time > auth_settings->max_life)
		return "The token lives longer than this service allows.";
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

/* RFC 9068 wants one; nothing here looks for it, and some write none. */
static const char *
check_jti(struct token *t, const json_t *value)
{
	(void)t;
	return value == NULL || is_text(value, NAME_MAX_LEN) ?
	    NULL :
	    "The token's identifier is not text.";
}

/* What others call it: OpenID Connect, and providers in use. */
static const char *
check_client_id(struct token *t, const json_t *value)
{
	static const char *const others[] = { "azp", "appid", "cid" };
	size_t			 i;

	for (i = 0; value == NULL && i < COUNT(others); i++)
		value = json_object_get(t->claims, others[i]);
	return is_text(value, NAME_MAX_LEN) ?
	    NULL :
	    "The token does not name its client.";
}

/* A text of scopes (RFC 8693 §4.2), or an array, also called scp. */
static const char *
check_scope(struct token *t, const json_t *value)
{
	static const char wrong[] =
	    "The token's scope is not a list of scopes.";
	const json_t *item;
	size_t	      i;

	if (json_is_array(value)) {
		json_array_foreach (value, i, item)
			if (!is_scopes(t, item) ||
			    strchr(json_string_value(item), ' ') != NULL)
				return wrong;
		return NULL;
	}
	return value == NULL || is_scopes(t, value) ? NULL : wrong;
}

static bool
is_scopes(struct token *t, const json_t *value)
{
	return json_is_string(value) &&
	    scopes_add(&t->caller.scopes, json_string_value(value),
		json_string_length(value));
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
