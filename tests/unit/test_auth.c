/*
 * Unit test of api/auth*.c and api/caller.c. Every known way to pass a token
 * that nobody signed for us is tried; JWT libraries have let each through.
 */
#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auth.h"
#include "token.h"
#include "unit.h"

#define NOW	1800000000
#define SECRET	"0123456789abcdef0123456789abcdef"
#define OTHER	"fedcba9876543210fedcba9876543210"
#define ISSUER	"https://auth.casework.example"
#define HS	"{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"hs\"}"
#define RS	"{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"rs\"}"
#define ES	"{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":\"es\"}"

static struct arena	*arena;
static EVP_PKEY		*rsa, *ec, *other_rsa, *other_ec;
static const char	*rsa_pem, *ec_pem, *why;
static char		 file[] = "/tmp/casework-unit-XXXXXX";

static void
write_file(json_t *keys)
{
	json_dump_file(keys, file, 0);
	json_decref(keys);
}

static json_t *
good_keys(void)
{
	return json_pack("{s[{ss ss ss}{ss ss ss}{ss ss ss}]}", "keys",
	    "kid", "hs", "alg", "HS256", "secret",
	    token_base64(arena, SECRET, strlen(SECRET)),
	    "kid", "rs", "alg", "RS256", "public_key", rsa_pem,
	    "kid", "es", "alg", "ES256", "public_key", ec_pem);
}

static int
load(json_t *keys, char *err)
{
	write_file(keys);
	return auth_load(file, ISSUER, "casework", err, 256);
}

/* The usual claims, with changes: a JSON object; null takes one away. */
static const char *
claims_with(const char *changes)
{
	json_t		*claims, *value;
	json_t		*change = json_loads(changes, 0, NULL);
	const char	*name, *text;
	char		*dump;

	claims = json_pack("{ss ss sI sI ss ss ss ss}",
	    "iss", ISSUER, "aud", "casework", "iat", (json_int_t)NOW,
	    "exp", (json_int_t)(NOW + 60), "sub", "contact:17",
	    "scope", "cases:read cases:write", "client_id", "test",
	    "jti", "1");
	json_object_foreach(change, name, value) {
		if (json_is_null(value))
			json_object_del(claims, name);
		else
			json_object_set(claims, name, value);
	}
	dump = json_dumps(claims, JSON_COMPACT);
	text = arena_strdup(arena, dump);
	free(dump);
	json_decref(claims);
	json_decref(change);
	return text;
}

static const struct caller *
verify(const char *token)
{
	return auth_verify(token, strlen(token), NOW, &why);
}

static const char *
hs(const char *header, const char *claims)
{
	return token_hmac(arena, token_body(arena, header, claims), SECRET,
	    strlen(SECRET));
}

static void
test_good_tokens_of_each_algorithm_pass(void)
{
	const char		*claims = claims_with("{}");
	const char		*tokens[3];
	const struct caller	*caller;
	size_t			 i, round;

	tokens[0] = hs(HS, claims);
	tokens[1] = token_sign(arena, token_body(arena, RS, claims), rsa);
	tokens[2] = token_sign(arena, token_body(arena, ES, claims), ec);
	for (round = 0; round < 2; round++) {	/* then from the cache */
		for (i = 0; i < 3; i++) {
			caller = verify(tokens[i]);
			CHECK(caller != NULL && why == NULL);
			if (caller == NULL)
				continue;
			CHECK(caller->kind == CALLER_CONTACT);
			CHECK_STR(caller->id, "17");
			CHECK_STR(caller->actor, "");
			CHECK_STR(caller->scope, "cases:read cases:write");
			CHECK(caller->expires == NOW + 60);
			CHECK(caller_has_scope(caller, "cases:read"));
			CHECK(!caller_has_scope(caller, "cases"));
			CHECK(!caller_has_scope(caller, ""));
		}
	}
}

static void
test_headers_are_checked(void)
{
	static const struct {
		const char	*header;
		const char	*why;	/* NULL: passes */
	} cases[] = {
		{ HS, NULL },
		{ "{\"typ\":\"AT+JWT\",\"alg\":\"HS256\",\"kid\":\"hs\"}",
		    NULL },
		{ "{\"typ\":\"application/at+jwt\",\"alg\":\"HS256\","
		    "\"kid\":\"hs\",\"jku\":\"https://evil.example\"}", NULL },
		{ "{\"typ\":\"JWT\",\"alg\":\"HS256\",\"kid\":\"hs\"}",
		    "type" },
		{ "{\"alg\":\"HS256\",\"kid\":\"hs\"}", "type" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\"}", "key" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"x\"}",
		    "key" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":7}", "key" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"none\",\"kid\":\"hs\"}",
		    "algorithm" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"hs256\",\"kid\":\"hs\"}",
		    "algorithm" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS512\",\"kid\":\"hs\"}",
		    "algorithm" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"rs\"}",
		    "algorithm" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"es\"}",
		    "algorithm" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"hs\"}",
		    "algorithm" },
		{ "{\"typ\":\"at+jwt\",\"kid\":\"hs\"}", "algorithm" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"hs\","
		    "\"crit\":[\"b64\"],\"b64\":false}", "extension" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"hs\","
		    "\"crit\":[]}", "extension" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"none\",\"alg\":\"HS256\","
		    "\"kid\":\"hs\"}", "header" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"hs\"} x",
		    "header" },
		{ "[]", "header" }, { "", "header" }, { "{", "header" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].header;
		CHECK((verify(hs(cases[i].header, claims_with("{}"))) !=
		    NULL) == (cases[i].why == NULL));
		if (cases[i].why != NULL)
			CHECK_HAS(why, cases[i].why);
	}
}

static void
test_claims_are_checked(void)
{
	static const struct {
		const char	*changes;
		const char	*why;	/* NULL: passes */
	} cases[] = {
		{ "{\"exp\":1800000001}", NULL },
		{ "{\"exp\":1800000000}", "expired" },
		{ "{\"exp\":1}", "expired" },
		{ "{\"exp\":1800000000.5}", "expired" },
		{ "{\"exp\":null}", "expires" },
		{ "{\"exp\":\"1900000000\"}", "expires" },
		{ "{\"exp\":-1}", "expires" },
		{ "{\"exp\":9223372036854775807}", "expires" },
		{ "{\"exp\":1e300}", "expires" },
		{ "{\"nbf\":1800000005}", NULL },
		{ "{\"nbf\":1800000006}", "not valid yet" },
		{ "{\"nbf\":\"1\"}", "not valid yet" },
		{ "{\"iat\":1800000005}", NULL },
		{ "{\"iat\":1799999999.25}", NULL },
		{ "{\"iat\":1800000006}", "future" },
		{ "{\"iat\":null}", "issued" },
		{ "{\"iss\":\"https://auth.casework.example/\"}", "issuer" },
		{ "{\"iss\":null}", "issuer" },
		{ "{\"iss\":[\"https://auth.casework.example\"]}", "issuer" },
		{ "{\"aud\":[\"other\",\"casework\"]}", NULL },
		{ "{\"aud\":[\"other\"]}", "audience" },
		{ "{\"aud\":[]}", "audience" },
		{ "{\"aud\":[\"casework\",7]}", "audience" },
		{ "{\"aud\":\"Casework\"}", "audience" },
		{ "{\"aud\":null}", "audience" },
		{ "{\"sub\":\"staff:9223372036854775807\"}", NULL },
		{ "{\"sub\":\"staff:9223372036854775808\"}", "subject" },
		{ "{\"sub\":\"staff:10000000000000000000\"}", "subject" },
		{ "{\"sub\":\"partner:1\"}", NULL },
		{ "{\"sub\":\"telephony:1\"}", NULL },
		{ "{\"sub\":\"public:1\"}", "subject" },
		{ "{\"sub\":\"contact:0\"}", "subject" },
		{ "{\"sub\":\"contact:01\"}", "subject" },
		{ "{\"sub\":\"contact:-1\"}", "subject" },
		{ "{\"sub\":\"contact:+1\"}", "subject" },
		{ "{\"sub\":\"contact:1 \"}", "subject" },
		{ "{\"sub\":\"contact:\"}", "subject" },
		{ "{\"sub\":\"contact\"}", "subject" },
		{ "{\"sub\":\"Contact:1\"}", "subject" },
		{ "{\"sub\":\"contact:1:2\"}", "subject" },
		{ "{\"sub\":\"contac:1\"}", "subject" },
		{ "{\"sub\":\":1\"}", "subject" },
		{ "{\"sub\":\"\"}", "subject" },
		{ "{\"sub\":17}", "subject" },
		{ "{\"sub\":null}", "subject" },
		{ "{\"jti\":null}", "identifier" },
		{ "{\"jti\":\"\"}", "identifier" },
		{ "{\"client_id\":null}", "client" },
		{ "{\"client_id\":5}", "client" },
		{ "{\"scope\":null}", NULL },
		{ "{\"scope\":\"\"}", NULL },
		{ "{\"scope\":\" cases:read\"}", "scope" },
		{ "{\"scope\":\"cases:read \"}", "scope" },
		{ "{\"scope\":\"a  b\"}", "scope" },
		{ "{\"scope\":\"a\\nb\"}", "scope" },
		{ "{\"scope\":[\"cases:read\"]}", "scope" },
		{ "{\"act\":{\"sub\":\"partner:1\"}}", NULL },
		{ "{\"act\":{\"sub\":\"public:1\"}}", "actor" },
		{ "{\"act\":{\"sub\":\"nobody\"}}", "actor" },
		{ "{\"act\":{}}", "actor" },
		{ "{\"act\":\"partner:1\"}", "actor" },
	};
	size_t	 i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].changes;
		CHECK((verify(hs(HS, claims_with(cases[i].changes))) !=
		    NULL) == (cases[i].why == NULL));
		if (cases[i].why != NULL)
			CHECK_HAS(why, cases[i].why);
	}
	unit_case = "not an object";
	CHECK(verify(hs(HS, "[]")) == NULL);
	CHECK(verify(hs(HS, "{\"sub\":\"contact:1\",\"sub\":\"staff:1\"}")) ==
	    NULL);
	CHECK_HAS(why, "claims");
}

static void
test_the_longest_scope_fits(void)
{
	char		 scope[CALLER_SCOPE_MAX + 1];
	const char	*changes;

	memset(scope, 'a', sizeof(scope));
	scope[CALLER_SCOPE_MAX - 1] = '\0';
	changes = arena_printf(arena, "{\"scope\":\"%s\"}", scope);
	CHECK(verify(hs(HS, claims_with(changes))) != NULL);
	changes = arena_printf(arena, "{\"scope\":\"%sa\"}", scope);
	CHECK(verify(hs(HS, claims_with(changes))) == NULL);
}

static void
test_an_actor_is_kept(void)
{
	const struct caller	*caller;

	caller = verify(hs(HS, claims_with(
	    "{\"act\":{\"sub\":\"partner:1\",\"act\":{\"sub\":\"x\"}}}")));
	CHECK(caller != NULL);
	if (caller != NULL)
		CHECK_STR(caller->actor, "partner:1");
}

static void
test_signatures_by_anybody_else_are_refused(void)
{
	const char	*claims = claims_with("{\"jti\":\"foreign\"}");
	const char	*body = token_body(arena, HS, claims);
	const char	*rs = token_body(arena, RS, claims);
	const char	*es = token_body(arena, ES, claims);
	const char	*confused;

	CHECK(verify(token_hmac(arena, body, OTHER, strlen(OTHER))) == NULL);
	CHECK_HAS(why, "signature");
	CHECK(verify(token_hmac(arena, body, "", 0)) == NULL);
	CHECK(verify(token_sign(arena, rs, other_rsa)) == NULL);
	CHECK_HAS(why, "signature");
	CHECK(verify(token_sign(arena, es, other_ec)) == NULL);
	CHECK_HAS(why, "signature");
	CHECK(verify(token_sign(arena, rs, ec)) == NULL);
	CHECK(verify(token_sign(arena, es, rsa)) == NULL);

	/* The public key as if it were a shared secret. */
	confused = "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"rs\"}";
	CHECK(verify(token_hmac(arena, token_body(arena, confused, claims),
	    rsa_pem, strlen(rsa_pem))) == NULL);
	CHECK(verify(token_hmac(arena, rs, rsa_pem, strlen(rsa_pem))) == NULL);
	CHECK(verify(token_hmac(arena, es, ec_pem, strlen(ec_pem))) == NULL);
}

static void
test_unsigned_tokens_are_refused(void)
{
	static const char	 none[] =
	    "{\"typ\":\"at+jwt\",\"alg\":\"none\",\"kid\":\"hs\"}";
	const char		*claims = claims_with("{}");

	CHECK(verify(arena_printf(arena, "%s.",
	    token_body(arena, none, claims))) == NULL);
	CHECK(verify(arena_printf(arena, "%s.",
	    token_body(arena, HS, claims))) == NULL);
	CHECK(verify(arena_printf(arena, "%s.",
	    token_body(arena, RS, claims))) == NULL);
	CHECK(verify(token_body(arena, none, claims)) == NULL);
	CHECK_HAS(why, "three parts");
}

/* All-zero r and s verified everything in Java once (CVE-2022-21449). */
static void
test_signatures_of_zeros_are_refused(void)
{
	static const unsigned char	 zeros[256];
	const char			*claims = claims_with("{}");

	CHECK(verify(arena_printf(arena, "%s.%s", token_body(arena, ES,
	    claims), token_base64(arena, zeros, 64))) == NULL);
	CHECK(verify(arena_printf(arena, "%s.%s", token_body(arena, RS,
	    claims), token_base64(arena, zeros, 256))) == NULL);
	CHECK(verify(arena_printf(arena, "%s.%s", token_body(arena, HS,
	    claims), token_base64(arena, zeros, 32))) == NULL);
}

static void
test_junk_behind_a_signature_is_refused(void)
{
	const char	*claims = claims_with("{\"jti\":\"junk\"}");
	const char	*bodies[3];
	unsigned char	 signature[3][1024];
	size_t		 len[3], i;

	bodies[0] = token_body(arena, HS, claims);
	bodies[1] = token_body(arena, RS, claims);
	bodies[2] = token_body(arena, ES, claims);
	HMAC(EVP_sha256(), SECRET, 32, (const unsigned char *)bodies[0],
	    strlen(bodies[0]), signature[0], NULL);
	len[0] = 32;
	len[1] = token_signature(rsa, bodies[1], signature[1]);
	len[2] = token_signature(ec, bodies[2], signature[2]);
	for (i = 0; i < 3; i++) {
		unit_case = bodies[i];
		signature[i][len[i]] = 7;
		CHECK(verify(arena_printf(arena, "%s.%s", bodies[i],
		    token_base64(arena, signature[i], len[i] + 1))) == NULL);
		CHECK(verify(arena_printf(arena, "%s.%s", bodies[i],
		    token_base64(arena, signature[i], len[i] - 1))) == NULL);
		CHECK_HAS(why, "signature");
	}
}

static void
test_every_altered_character_is_noticed(void)
{
	const char	*good = hs(HS, claims_with("{\"jti\":\"alter\"}"));
	char		*copy;
	size_t		 i;

	for (i = 0; good[i] != '\0'; i++) {
		copy = arena_strdup(arena, good);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		CHECK(verify(copy) == NULL);
		copy[i] = '\0';
		CHECK(verify(copy) == NULL);
	}
	CHECK(verify(good) != NULL);	/* and now it is in the cache */
	for (i = 0; good[i] != '\0'; i++) {
		copy = arena_strdup(arena, good);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		CHECK(verify(copy) == NULL);
	}
}

static void
test_other_spellings_of_a_token_are_refused(void)
{
	const char	*good = hs(HS, claims_with("{\"jti\":\"spell\"}"));
	char		*copy;
	size_t		 last = strlen(good) - 1;

	CHECK(verify(good) != NULL);
	CHECK(verify(arena_printf(arena, "%s=", good)) == NULL);
	CHECK(verify(arena_printf(arena, "%s.", good)) == NULL);
	CHECK(verify(arena_printf(arena, "%s.x", good)) == NULL);
	CHECK(verify(arena_printf(arena, "%s ", good)) == NULL);
	CHECK(verify(arena_printf(arena, " %s", good)) == NULL);
	CHECK(verify(arena_printf(arena, ".%s", good)) == NULL);
	CHECK(auth_verify(good, strlen(good) + 1, NOW, &why) == NULL);
	CHECK(verify("") == NULL && verify(".") == NULL);
	CHECK(verify("..") == NULL && verify("...") == NULL);
	/* 32 bytes end in a character with two spare bits. */
	copy = arena_strdup(arena, good);
	copy[last]++;
	CHECK(verify(copy) == NULL);
	CHECK_HAS(why, "signature");
}

static void
test_long_tokens_are_refused(void)
{
	char		 filler[9000];
	const char	*token;

	memset(filler, 'a', sizeof(filler));
	filler[4000] = '\0';
	token = hs(HS, claims_with(arena_printf(arena, "{\"x\":\"%s\"}",
	    filler)));
	CHECK(verify(token) != NULL);
	filler[4000] = 'a';
	filler[8999] = '\0';
	token = hs(HS, claims_with(arena_printf(arena, "{\"x\":\"%s\"}",
	    filler)));
	CHECK(verify(token) == NULL);
	CHECK_HAS(why, "too long");
}

static void
test_a_cached_token_expires(void)
{
	const char	*token = hs(HS, claims_with("{\"jti\":\"expires\"}"));
	size_t		 len = strlen(token);

	CHECK(auth_verify(token, len, NOW, &why) != NULL);
	CHECK(auth_verify(token, len, NOW + 59, &why) != NULL);
	CHECK(auth_verify(token, len, NOW + 60, &why) == NULL);
	CHECK_HAS(why, "expired");
}

static void
test_the_cache_is_bounded_and_keeps_callers_apart(void)
{
	const struct caller	*caller;
	struct arena		*own;
	const char		*token, *id;
	int			 i, wrong = 0;

	/* Two rounds: most of the second is evicted or cached, all right. */
	for (i = 0; i < 24000; i++) {
		own = arena_new();
		id = arena_printf(own, "%d", i % 12000 + 1);
		token = token_hmac(own, token_body(own, HS, arena_printf(own,
		    "{\"iss\":\"%s\",\"aud\":\"casework\",\"iat\":1,"
		    "\"exp\":1900000000,\"sub\":\"staff:%s\",\"jti\":\"1\","
		    "\"client_id\":\"test\"}", ISSUER, id)), SECRET, 32);
		caller = verify(token);
		wrong += caller == NULL || strcmp(caller->id, id) != 0;
		arena_free(own);
	}
	CHECK(wrong == 0);
}

static void
test_asymmetric_verifications_are_budgeted(void)
{
	const char	*junk, *good, *cached;
	int		 i, busy = 0;

	cached = token_sign(arena, token_body(arena, ES,
	    claims_with("{\"jti\":\"cached\"}")), ec);
	good = token_sign(arena, token_body(arena, ES,
	    claims_with("{\"jti\":\"good\"}")), ec);
	CHECK(auth_verify(cached, strlen(cached), NOW + 1, &why) != NULL);
	for (i = 0; i < 300; i++) {
		junk = token_sign(arena, token_body(arena, ES, claims_with(
		    arena_printf(arena, "{\"jti\":\"%d\"}", i))), other_ec);
		CHECK(auth_verify(junk, strlen(junk), NOW + 1, &why) == NULL);
		busy += why == auth_busy;
	}
	CHECK(busy == 101);
	CHECK(auth_verify(good, strlen(good), NOW + 1, &why) == NULL);
	CHECK(why == auth_busy);
	/* Neither cached nor HS256 tokens need the budget. */
	CHECK(auth_verify(cached, strlen(cached), NOW + 1, &why) != NULL);
	good = hs(HS, claims_with("{\"jti\":\"not busy\"}"));
	CHECK(auth_verify(good, strlen(good), NOW + 1, &why) != NULL);
	good = token_sign(arena, token_body(arena, ES,
	    claims_with("{\"jti\":\"good\"}")), ec);
	CHECK(auth_verify(good, strlen(good), NOW + 2, &why) != NULL);
}

static void
test_minted_tokens_pass(void)
{
	static const char	*const subjects[] = {
		"contact:1", "partner:1", "staff:2", "telephony:1"
	};
	const struct caller	*caller;
	char			 err[256], *token, *again;
	size_t			 i;

	for (i = 0; i < 4; i++) {
		unit_case = subjects[i];
		token = auth_mint(subjects[i], NULL, NULL, NOW, 3600, err,
		    sizeof(err));
		caller = verify(token != NULL ? token : "");
		CHECK(caller != NULL);
		if (caller != NULL) {
			CHECK_STR(arena_printf(arena, "%s:%s",
			    caller_kind_name(caller->kind), caller->id),
			    subjects[i]);
			CHECK_STR(caller->scope, i == 3 ? "" : "cases:read "
			    "cases:write contacts:read contacts:write "
			    "districts:read");
			CHECK(caller->expires == NOW + 3600);
		}
		again = auth_mint(subjects[i], NULL, NULL, NOW, 3600, err,
		    sizeof(err));
		CHECK(again != NULL && token != NULL &&
		    strcmp(again, token) != 0);
		free(token);
		free(again);
	}
	token = auth_mint("contact:1", "cases:read", "partner:7", NOW, 60,
	    err, sizeof(err));
	caller = verify(token != NULL ? token : "");
	CHECK(caller != NULL && strcmp(caller->scope, "cases:read") == 0 &&
	    strcmp(caller->actor, "partner:7") == 0);
	free(token);
}

static void
test_mint_refuses_what_would_not_verify(void)
{
	char	 err[256];

	CHECK(auth_mint("contact", NULL, NULL, NOW, 60, err, 256) == NULL);
	CHECK_HAS(err, "subject");
	CHECK(auth_mint("public:1", NULL, NULL, NOW, 60, err, 256) == NULL);
	CHECK(auth_mint("staff:1", "a\"", NULL, NOW, 60, err, 256) == NULL);
	CHECK_HAS(err, "scope");
	CHECK(auth_mint("staff:1", NULL, "x", NOW, 60, err, 256) == NULL);
	CHECK_HAS(err, "actor");
}

static json_t *
one_key(const char *kid, const char *alg, const char *member,
    const char *material)
{
	return json_pack("{s[{ss ss ss}]}", "keys", "kid", kid, "alg", alg,
	    member, material);
}

static void
test_bad_key_lists_are_refused_and_the_old_one_stays(void)
{
	const char	*token, *secret;
	char		 err[256];
	EVP_PKEY	*weak = EVP_RSA_gen(1024);
	EVP_PKEY	*curve = EVP_EC_gen("P-384");
	json_t		*twice;
	size_t		 i;

	secret = token_base64(arena, SECRET, 32);
	twice = one_key("hs", "HS256", "secret", secret);
	json_array_append_new(json_object_get(twice, "keys"),
	    json_deep_copy(json_array_get(json_object_get(twice, "keys"), 0)));
	struct {
		json_t		*keys;
		const char	*err;
	} cases[] = {
		{ one_key("a", "HS256", "secret", ""), "fewer than 32" },
		{ one_key("a", "HS256", "secret", token_base64(arena, SECRET,
		    31)), "fewer than 32" },
		{ one_key("a", "HS256", "secret", "a b"), "base64url" },
		{ one_key("a", "HS256", "secret", "c2VjcmV0LXNlY3JldA=="),
		    "base64url" },
		{ one_key("a", "HS256", "public_key", rsa_pem), "needs" },
		{ one_key("a", "RS256", "secret", secret), "needs" },
		{ one_key("a", "none", "secret", secret), "alg must be" },
		{ one_key("a", "PS256", "public_key", rsa_pem), "alg must" },
		{ one_key("", "HS256", "secret", secret), "kid must be" },
		{ one_key("a", "RS256", "public_key", "x"), "not a public" },
		{ one_key("a", "RS256", "public_key", ec_pem), "not an RSA" },
		{ one_key("a", "ES256", "public_key", rsa_pem), "not an EC" },
		{ one_key("a", "RS256", "public_key", token_pem(arena, weak)),
		    "2048" },
		{ one_key("a", "ES256", "public_key",
		    token_pem(arena, curve)), "P-256" },
		{ json_pack("{s[{ss}]}", "keys", "kid", "a"), "alg must be" },
		{ json_pack("{s[]}", "keys"), "at least one key" },
		{ json_pack("{s[s]}", "keys", "x"), "kid must be" },
		{ json_pack("{ss}", "keys", "x"), "at least one key" },
		{ json_pack("[]"), "at least one key" },
		{ twice, "twice" },
	};
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].err;
		err[0] = '\0';
		CHECK(load(cases[i].keys, err) == -1);
		CHECK_HAS(err, cases[i].err);
		CHECK_HAS(err, file);
		CHECK(strstr(err, secret) == NULL);
	}
	CHECK(auth_load("/nonexistent/keys", ISSUER, "casework", err,
	    sizeof(err)) == -1);
	CHECK_HAS(err, "/nonexistent/keys: ");
	token = hs(HS, claims_with("{\"jti\":\"still\"}"));
	CHECK(verify(token) != NULL);
	EVP_PKEY_free(weak);
	EVP_PKEY_free(curve);
}

static void
touch(int seconds)
{
	struct timespec	 times[2] = { { seconds, 0 }, { seconds, 0 } };

	utimensat(AT_FDCWD, file, times, 0);
}

static void
test_a_reload_takes_new_keys_and_forgets_old_tokens(void)
{
	const char	*old = hs(HS, claims_with("{\"jti\":\"old\"}"));
	const char	*new;
	char		 err[256] = "";

	CHECK(load(good_keys(), err) == 0);
	CHECK(auth_reload(err, sizeof(err)) == 0);
	CHECK(verify(old) != NULL);

	/* A bad list is reported once, and the keys stay. */
	write_file(json_pack("{}"));
	touch(1);
	CHECK(auth_reload(err, sizeof(err)) == -1);
	CHECK_HAS(err, file);
	CHECK(auth_reload(err, sizeof(err)) == 0);
	CHECK(verify(old) != NULL);

	/* So is a file that has gone. */
	unlink(file);
	CHECK(auth_reload(err, sizeof(err)) == -1);
	CHECK(auth_reload(err, sizeof(err)) == 0);
	CHECK(verify(old) != NULL);

	write_file(one_key("hs", "HS256", "secret", token_base64(arena, OTHER,
	    32)));
	touch(2);
	CHECK(auth_reload(err, sizeof(err)) == 0);
	CHECK(verify(old) == NULL);
	CHECK_HAS(why, "signature");
	new = token_hmac(arena, token_body(arena, HS, claims_with("{}")),
	    OTHER, 32);
	CHECK(verify(new) != NULL);
	new = token_sign(arena, token_body(arena, RS, claims_with("{}")),
	    rsa);
	CHECK(verify(new) == NULL);
	CHECK_HAS(why, "key is unknown");
}

int
main(int argc, char **argv)
{
	char	 err[256] = "";

	(void)argc;
	arena = arena_new();
	rsa = EVP_RSA_gen(2048);
	other_rsa = EVP_RSA_gen(2048);
	ec = EVP_EC_gen("P-256");
	other_ec = EVP_EC_gen("P-256");
	rsa_pem = token_pem(arena, rsa);
	ec_pem = token_pem(arena, ec);
	close(mkstemp(file));
	unit_check(__FILE__, __LINE__, load(good_keys(), err) == 0, "load",
	    err);

	RUN(test_good_tokens_of_each_algorithm_pass);
	RUN(test_headers_are_checked);
	RUN(test_claims_are_checked);
	RUN(test_the_longest_scope_fits);
	RUN(test_an_actor_is_kept);
	RUN(test_signatures_by_anybody_else_are_refused);
	RUN(test_unsigned_tokens_are_refused);
	RUN(test_signatures_of_zeros_are_refused);
	RUN(test_junk_behind_a_signature_is_refused);
	RUN(test_every_altered_character_is_noticed);
	RUN(test_other_spellings_of_a_token_are_refused);
	RUN(test_long_tokens_are_refused);
	RUN(test_a_cached_token_expires);
	RUN(test_the_cache_is_bounded_and_keeps_callers_apart);
	RUN(test_asymmetric_verifications_are_budgeted);
	RUN(test_minted_tokens_pass);
	RUN(test_mint_refuses_what_would_not_verify);
	RUN(test_bad_key_lists_are_refused_and_the_old_one_stays);
	RUN(test_a_reload_takes_new_keys_and_forgets_old_tokens);

	unlink(file);
	EVP_PKEY_free(rsa);
	EVP_PKEY_free(other_rsa);
	EVP_PKEY_free(ec);
	EVP_PKEY_free(other_ec);
	arena_free(arena);
	return unit_end(argv[0]);
}
