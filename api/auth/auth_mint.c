/*
 * Tokens for development and tests: `casework token contact:1`.
 */
#include <jansson.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_keys.h"
#include "auth_mint.h"
#include "base64url.h"
#include "caller.h"

#define EVERY_SCOPE                                                 \
	"cases:read cases:write contacts:read "                     \
	"contacts:write districts:read incidents:read events:read " \
	"webhooks:read webhooks:write"

static const char *const every_scope[CALLER_KINDS] = {
	[CALLER_CONTACT] = EVERY_SCOPE,
	[CALLER_PARTNER] = EVERY_SCOPE,
	[CALLER_STAFF] = EVERY_SCOPE " incidents:write calls:read calls:write",
	[CALLER_TELEPHONY] = "calls:write",
};

static char *encode(const struct auth_key *, const char *);
static char *json_text(json_t *);

char *
auth_mint(const char *sub, const char *scope, const char *actor, int64_t now,
    int64_t lifetime, char *err, size_t errlen)
{
	const struct auth_key *key = auth_key_signing();
	enum caller_kind       kind;
	unsigned char	       random[16];
	char		       id[CALLER_ID_MAX], *text, *token;
	char		       jti[BASE64URL_LENGTH(sizeof(random)) + 1];
	json_t		      *claims;

	err[0] = '\0';
	kind = caller_subject(sub, strlen(sub), id);
	if (kind != CALLER_KINDS && scope == NULL)
		scope = every_scope[kind];
	if (key == NULL)
		snprintf(err, errlen, "the key list has no HS256 key");
	else if (kind == CALLER_KINDS)
		snprintf(err, errlen,
		    "the subject must be like contact:1 "
		    "(contact, partner, staff, telephony)");
	else if (!caller_scope_valid(scope, strlen(scope)))
		snprintf(err, errlen,
		    "the scope must be scopes with a space "
		    "between, of less than %d characters",
		    CALLER_SCOPE_MAX);
	else if (actor != NULL &&
	    caller_subject(actor, strlen(actor), id) == CALLER_KINDS)
		snprintf(err, errlen, "the actor must be like partner:1");
	else if (RAND_bytes(random, sizeof(random)) != 1)
		snprintf(err, errlen, "no random numbers");
	if (err[0] != '\0')
		return NULL;

	base64url_encode(random, sizeof(random), jti);
	claims = json_pack("{ss ss sI sI sI ss ss ss ss}", "iss", auth_issuer(),
	    "aud", auth_audience(), "iat", (json_int_t)now, "nbf",
	    (json_int_t)now, "exp", (json_int_t)(now + lifetime), "sub", sub,
	    "scope", scope, "client_id", "casework-cli", "jti", jti);
	if (actor != NULL)
		json_object_set_new(claims, "act",
		    json_pack("{ss}", "sub", actor));
	text = json_text(claims);
	token = encode(key, text);
	free(text);
	return token;
}

/* "header.claims.signature", malloc()ed. */
static char *
encode(const struct auth_key *key, const char *claims)
{
	unsigned char digest[32], secret[AUTH_SECRET_MAX];
	size_t	      len = sizeof(secret);
	char	     *header, *token, *end;

	header = json_text(json_pack("{ss ss ss}", "typ", "at+jwt", "alg",
	    auth_algorithm_names[key->algorithm], "kid", key->kid));
	token = malloc(BASE64URL_LENGTH(strlen(header)) + 1 +
	    BASE64URL_LENGTH(strlen(claims)) + 1 +
	    BASE64URL_LENGTH(sizeof(digest)) + 1);
	if (token == NULL)
		abort();
	base64url_encode(header, strlen(header), token);
	end = token + strlen(token);
	*end++ = '.';
	base64url_encode(claims, strlen(claims), end);
	end += strlen(end);
	*end = '\0';
	if (EVP_PKEY_get_raw_private_key(key->pkey, secret, &len) != 1 ||
	    HMAC(EVP_sha256(), secret, (int)len, (unsigned char *)token,
		strlen(token), digest, NULL) == NULL)
		abort();
	OPENSSL_cleanse(secret, sizeof(secret));
	*end++ = '.';
	base64url_encode(digest, sizeof(digest), end);
	free(header);
	return token;
}

/* Takes the value; malloc()ed. */
static char *
json_text(json_t *value)
{
	char *text = json_dumps(value, JSON_COMPACT);

	json_decref(value);
	if (text == NULL)
		abort();
	return text;
}
