/*
 * Bearer tokens to callers (RFC 6750, RFC 7519, RFC 9068). A token passes
 * every row of checks[] and every claim, or is refused with that row's
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
#include "auth_claims.h"
#include "auth_counts.h"
#include "auth_failures.h"
#include "auth_issuers.h"
#include "auth_parts.h"
#include "auth_settings.h"
#include "auth_signature.h"
#include "base64url.h"

#define HEADER_MAX 1024 /* characters */

struct token {
	const struct auth_try *try;
	struct auth_part       part[AUTH_PARTS];
	json_t		      *header;
	const struct auth_key *key;
	enum auth_algorithm    algorithm;
	enum auth_failure      failure; /* what it is if it is refused now */
	bool		       checked; /* its signature, at a price */
	struct auth_claims     claims;
};

const char auth_busy[] =
    "Too many tokens from this address were wrong, try again in a second.";

const char auth_wait[] =
    "The keys of the token's issuer are being looked up; try again in a "
    "second.";

static const char too_long[] =
    "The token is too long: it may have 8192 characters.";
_Static_assert(AUTH_TOKEN_MAX == 8192, "as the sentence says");

static const char unknown_key[] = "The token's key is unknown.";

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

static const char *judge(struct token *);
static const char *find_key(struct token *, const char *);
static bool	   is_of_type(const struct token *);
static void	   count(struct token *, const char *);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct caller *
auth_verify(const struct auth_try *try, const char **why)
{
	struct token	     t = { .try = try };
	const struct caller *caller = NULL;

	*why = NULL;
	if (try->len > AUTH_TOKEN_MAX) {
		t.failure = AUTH_FORM;
		*why = too_long;
	} else if ((caller = auth_cache_find(try->token, try->len, why)) !=
	    NULL) {
		t.failure = AUTH_EXPIRED;
		*why = caller->expires > try->now ? NULL : auth_expired;
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
	return auth_cache_add(try->token, try->len, &t.claims.caller, try->now);
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
	return why;
}

/* What was refused: who had it checked pays, but not for the same one twice. */
static void
count(struct token *t, const char *why)
{
	const struct auth_try *try = t->try;

	auth_counts->failures[t->failure]++;
	if (t->checked && !t->claims.early)
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
	const char *kid, *alg, *why;

	if (t->part[0].len > HEADER_MAX)
		return "The token's header is too long.";
	if ((t->header = auth_part_json(&t->part[0])) == NULL)
		return "The token's header is not a JSON object in base64url.";
	if (json_object_get(t->header, "crit") != NULL)
		return "The token's header demands an unknown extension.";
	kid = json_string_value(json_object_get(t->header, "kid"));
	if (kid == NULL)
		return unknown_key;
	if ((why = find_key(t, kid)) != NULL)
		return why;
	if (!is_of_type(t))
		return "The token's type is not one that its issuer writes.";
	/* The key says which algorithm; the token must agree. */
	alg = json_string_value(json_object_get(t->header, "alg"));
	if (alg == NULL || !auth_key_is_for(t->key, alg, &t->algorithm))
		return "The token's algorithm is not that of its key.";
	return NULL;
}

/* What is claimed of the issuer is looked at early only where it matters. */
static const char *
find_key(struct token *t, const char *kid)
{
	const char *why = unknown_key, *iss;
	json_t	   *claims;
	size_t	    found;

	t->key = auth_issuers_key(kid, NULL, &found);
	if (t->key != NULL)
		return NULL;
	claims = auth_part_json(&t->part[1]);
	iss = json_string_value(json_object_get(claims, "iss"));
	if (iss != NULL && found > 1)
		t->key = auth_issuers_key(kid, iss, &found);
	else if (iss != NULL && auth_issuers_want(iss, t->try->at)) {
		t->failure = AUTH_WAIT;
		why = auth_wait;
	}
	json_decref(claims);
	return t->key != NULL ? NULL : why;
}

/* RFC 7515 §4.1.9: the prefix may be left out; and so may all, for a JWT. */
static bool
is_of_type(const struct token *t)
{
	static const char prefix[] = "application/";
	const char *typ = json_string_value(json_object_get(t->header, "typ"));
	json_t	   *type;
	size_t	    i;

	if (typ == NULL)
		typ = "JWT";
	if (strncasecmp(typ, prefix, sizeof(prefix) - 1) == 0)
		typ += sizeof(prefix) - 1;
	json_array_foreach (t->key->issuer->token_types, i, type)
		if (strcasecmp(json_string_value(type), typ) == 0)
			return true;
	return false;
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
	good = auth_signature_good(key, t->algorithm, t->try->token,
	    t->part[0].len + 1 + t->part[1].len, bytes);
	auth_counts->checks[t->algorithm][good]++;
	return good ? NULL : wrong;
}

static const char *
check_claims(struct token *t)
{
	const char *why =
	    auth_claims_read(&t->part[1], t->key, t->try->now, &t->claims);

	if (why == auth_expired)
		t->failure = AUTH_EXPIRED;
	return why;
}

bool
auth_subject_read(const struct auth_try *try, struct auth_subject *subject)
{
	struct token t = { .try = try };
	bool	     good = split(&t) == NULL && check_header(&t) == NULL &&
	    check_claims(&t) == NULL;

	json_decref(t.header);
	if (good)
		*subject = t.claims.subject;
	return good;
}
