/*
 * The claims of a token whose signature is right: each row of claims[] is
 * judged, and fills its part of the caller.
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "auth_claims.h"
#include "auth_issuers.h"
#include "auth_scopes.h"
#include "auth_settings.h"
#include "unicode.h"

#define LEEWAY	     30		  /* seconds, of nbf and iat; exp has none */
#define NAME_MAX_LEN 256	  /* of jti and client_id */
#define TIME_MAX     253402300799 /* the end of the year 9999 */

struct claims {
	json_t			 *json;
	const struct auth_issuer *issuer;
	int64_t			  now;
	struct auth_claims	 *read;
};

const char auth_expired[] = "The token has expired.";

static const char *check_iss(struct claims *, const json_t *);
static const char *check_aud(struct claims *, const json_t *);
static const char *check_exp(struct claims *, const json_t *);
static const char *check_nbf(struct claims *, const json_t *);
static const char *check_iat(struct claims *, const json_t *);
static const char *check_sub(struct claims *, const json_t *);
static const char *check_jti(struct claims *, const json_t *);
static const char *check_client_id(struct claims *, const json_t *);
static const char *check_act(struct claims *, const json_t *);

/* Each is called, with NULL if the claim is absent; exp before iat. */
static const struct {
	const char *name;
	const char *(*check)(struct claims *, const json_t *);
} claims[] = {
	{ "iss", check_iss },
	{ "aud", check_aud },
	{ "exp", check_exp },
	{ "nbf", check_nbf },
	{ "iat", check_iat },
	{ "sub", check_sub },
	{ "jti", check_jti },
	{ "client_id", check_client_id },
	{ "act", check_act },
};

static const char *check_subject(struct claims *, const json_t *);
static const char *check_acting(struct claims *, const json_t *);
static bool	   read_subject(const json_t *, char *);
static bool	   is_audience(const struct auth_issuer *, const char *);
static bool	   is_text(const json_t *, size_t);
static bool	   numeric_date(const json_t *, int64_t *);

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const char *
auth_claims_read(const struct auth_part *part, const struct auth_key *key,
    int64_t now, struct auth_claims *read)
{
	struct claims t = { .json = auth_part_json(part),
		.issuer = key->issuer,
		.now = now,
		.read = read };
	const char   *why = NULL;
	size_t	      i;

	if (t.json == NULL)
		return "The token's claims are not a JSON object in base64url.";
	for (i = 0; i < COUNT(claims) && why == NULL; i++)
		why = claims[i].check(&t,
		    json_object_get(t.json, claims[i].name));
	if (why == NULL &&
	    !auth_scopes_read(t.issuer, t.json, &read->caller.scopes))
		why = "The token's scope is not a list of scopes.";
	if (*t.issuer->id != '\0')
		snprintf(read->caller.kid, sizeof(read->caller.kid), "%s",
		    key->kid);
	json_decref(t.json);
	return why;
}

static const char *
check_iss(struct claims *t, const json_t *value)
{
	if (json_is_string(value) &&
	    strcmp(json_string_value(value), t->issuer->name) == 0)
		return NULL;
	return "The token is of another issuer.";
}

static const char *
check_aud(struct claims *t, const json_t *value)
{
	const json_t *item = value;
	size_t	      i, count = 1;
	bool	      found = false;

	if (json_is_array(value))
		count = json_array_size(value);
	for (i = 0; i < count; i++) {
		if (json_is_array(value))
			item = json_array_get(value, i);
		if (!json_is_string(item))
			return "The token's audience is not text.";
		found |= is_audience(t->issuer, json_string_value(item));
	}
	return found ? NULL : "The token is for another audience.";
}

static bool
is_audience(const struct auth_issuer *issuer, const char *name)
{
	json_t *audience;
	size_t	i;

	json_array_foreach (issuer->audiences, i, audience)
		if (strcmp(json_string_value(audience), name) == 0)
			return true;
	return false;
}

static const char *
check_exp(struct claims *t, const json_t *value)
{
	if (!numeric_date(value, &t->read->caller.expires))
		return "The token does not say when it expires.";
	if (t->read->caller.expires > t->now)
		return NULL;
	return auth_expired;
}

static const char *
check_nbf(struct claims *t, const json_t *value)
{
	int64_t time;

	if (value == NULL)
		return NULL;
	t->read->early = numeric_date(value, &time) && time > t->now + LEEWAY;
	if (t->read->early || !numeric_date(value, &time))
		return "The token is not valid yet.";
	return NULL;
}

/*
 * A token cannot be called back: one that leaked is good until it ends, so its
 * life has a bound. iat is not in the future, so that bounds exp as well.
 */
static const char *
check_iat(struct claims *t, const json_t *value)
{
	int64_t time;

	if (!numeric_date(value, &time))
		return "The token does not say when it was issued.";
	t->read->early = time > t->now + LEEWAY;
	if (t->read->early)
		return "The token was issued in the future.";
	if (t->read->caller.expires - time > auth_settings->max_life)
		return "The token lives longer than this service allows.";
	return NULL;
}

/* The operator's own tokens name a caller; an issuer somebody whom it knows. */
static const char *
check_sub(struct claims *t, const json_t *value)
{
	if (*t->issuer->id != '\0')
		return check_subject(t, value);
	if (json_is_string(value))
		t->read->caller.kind = caller_subject(json_string_value(value),
		    json_string_length(value), t->read->caller.id);
	if (!json_is_string(value) || t->read->caller.kind == CALLER_KINDS)
		return "The token's subject is no caller.";
	return NULL;
}

static const char *
check_subject(struct claims *t, const json_t *value)
{
	struct auth_subject *subject = &t->read->subject;
	const json_t	    *email = json_object_get(t->json, "email");

	if (!read_subject(value, subject->subject))
		return "The token's subject is no text of 255 bytes at most.";
	t->read->caller.kind = CALLER_KINDS;
	strcpy(subject->issuer_id, t->issuer->id);
	if (t->issuer->email &&
	    json_is_true(json_object_get(t->json, "email_verified")) &&
	    is_text(email, AUTH_EMAIL_MAX - 1) &&
	    !(unicode_holds(json_string_value(email)) & UNICODE_UNFIT))
		strcpy(subject->email, json_string_value(email));
	return NULL;
}

/* RFC 9068 wants one; nothing here looks for it, and some write none. */
static const char *
check_jti(struct claims *t, const json_t *value)
{
	(void)t;
	return value == NULL || is_text(value, NAME_MAX_LEN) ?
	    NULL :
	    "The token's identifier is not text.";
}

/* What others call it: OpenID Connect, and providers in use. */
static const char *
check_client_id(struct claims *t, const json_t *value)
{
	static const char *const others[] = { "azp", "appid", "cid" };
	size_t			 i;

	for (i = 0; value == NULL && i < COUNT(others); i++)
		value = json_object_get(t->json, others[i]);
	return is_text(value, NAME_MAX_LEN) ?
	    NULL :
	    "The token does not name its client.";
}

/* RFC 8693: of a chain of actors only the outermost counts. */
static const char *
check_act(struct claims *t, const json_t *value)
{
	const json_t *sub = json_object_get(value, "sub");
	char	      id[CALLER_ID_MAX];

	if (value == NULL)
		return NULL;
	if (*t->issuer->id != '\0')
		return check_acting(t, value);
	if (!json_is_string(sub) ||
	    caller_subject(json_string_value(sub), json_string_length(sub),
		id) == CALLER_KINDS)
		return "The token's actor is no caller.";
	strcpy(t->read->caller.actor, json_string_value(sub));
	return NULL;
}

/*
 * Who acts signs in where the subject does: of another issuer's people this one
 * can say nothing.
 */
static const char *
check_acting(struct claims *t, const json_t *value)
{
	const json_t *iss = json_object_get(value, "iss");

	if (iss != NULL && check_iss(t, iss) != NULL)
		return "The token's actor is of another issuer.";
	return read_subject(json_object_get(value, "sub"),
		   t->read->subject.actor) ?
	    NULL :
	    "The token's actor is no text of 255 bytes at most.";
}

/* To subject (AUTH_SUBJECT_MAX). */
static bool
read_subject(const json_t *value, char *subject)
{
	if (!is_text(value, AUTH_SUBJECT_MAX - 1) ||
	    unicode_holds(json_string_value(value)) & UNICODE_UNFIT)
		return false;
	strcpy(subject, json_string_value(value));
	return true;
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
