/*
 * Unit test of auth*.c: the cache of verified tokens, the budget of slow
 * verifications, and the key list with its reload.
 */
#include <sys/stat.h>

#include <fcntl.h>

#include "token.h"

static void
test_a_cached_token_expires(void)
{
	const char *token = hs(HS, claims_with("{\"jti\":\"expires\"}"));
	size_t	    len = strlen(token);

	CHECK(auth_verify(token, len, NOW, &why) != NULL);
	CHECK(auth_verify(token, len, NOW + 59, &why) != NULL);
	CHECK(auth_verify(token, len, NOW + 60, &why) == NULL);
	CHECK_HAS(why, "expired");
}

static void
test_the_cache_is_bounded_and_keeps_callers_apart(void)
{
	const struct caller *caller;
	struct arena	    *own;
	const char	    *token, *id;
	int		     i, wrong = 0;

	/* Two rounds: most of the second is evicted or cached, all right. */
	for (i = 0; i < 24000; i++) {
		own = arena_new();
		id = arena_printf(own, "%d", i % 12000 + 1);
		token = token_hmac(own,
		    token_body(own, HS,
			arena_printf(own,
			    "{\"iss\":\"%s\",\"aud\":\"casework\","
			    "\"iat\":1800000000,\"exp\":1800086400,\"sub\":\"staff:%s\",\"jti\":\"1\","
			    "\"client_id\":\"test\"}",
			    ISSUER, id)),
		    SECRET, 32);
		caller = verify(token);
		wrong += caller == NULL || strcmp(caller->id, id) != 0;
		arena_free(own);
	}
	CHECK(wrong == 0);
}

static void
test_asymmetric_verifications_are_budgeted(void)
{
	const char *junk, *good, *cached;
	int	    i, busy = 0;

	cached = token_sign(arena,
	    token_body(arena, ES, claims_with("{\"jti\":\"cached\"}")), ec);
	good = token_sign(arena,
	    token_body(arena, ES, claims_with("{\"jti\":\"good\"}")), ec);
	CHECK(auth_verify(cached, strlen(cached), NOW + 1, &why) != NULL);
	for (i = 0; i < 600; i++) {
		junk = token_sign(arena,
		    token_body(arena, ES,
			claims_with(arena_printf(arena, "{\"jti\":\"%d\"}",
			    i))),
		    other_ec);
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
	good = token_sign(arena,
	    token_body(arena, ES, claims_with("{\"jti\":\"good\"}")), ec);
	CHECK(auth_verify(good, strlen(good), NOW + 2, &why) != NULL);
}

static json_t *
one_key(const char *kid, const char *alg, const char *member,
    const char *material)
{
	return json_pack("{s[{ss ss ss}]}", "keys", "kid", kid, "alg", alg,
	    member, material);
}

/* Who can verify with it can mint with it. The list in use stays. */
static void
test_a_secret_is_no_key_unless_it_is_allowed(void)
{
	static const struct auth_settings strict = { "refuse", 86400 };
	const struct auth_settings	 *before = auth_settings;
	const char			 *token;
	char				  err[256] = "";

	auth_configure(&strict);
	CHECK(load(good_keys(), err) == -1);
	CHECK_HAS(err, "TOKEN_HS256");
	CHECK_HAS(err, "hs");
	CHECK(load(one_key("es", "ES256", "public_key", ec_pem), err) == 0);
	token = token_sign(arena, token_body(arena, ES, claims_with("{}")), ec);
	CHECK(verify(token) != NULL);
	CHECK(verify(hs(HS, claims_with("{}"))) == NULL);
	CHECK_HAS(why, "unknown");
	auth_configure(before);
	CHECK(load(good_keys(), err) == 0);
}

static void
test_bad_key_lists_are_refused_and_the_old_one_stays(void)
{
	const char *token, *secret;
	char	    err[256];
	EVP_PKEY   *weak = EVP_RSA_gen(1024);
	EVP_PKEY   *curve = EVP_EC_gen("P-384");
	json_t	   *twice;
	size_t	    i;

	secret = token_base64(arena, SECRET, 32);
	twice = one_key("hs", "HS256", "secret", secret);
	json_array_append_new(json_object_get(twice, "keys"),
	    json_deep_copy(json_array_get(json_object_get(twice, "keys"), 0)));
	struct {
		json_t	   *keys;
		const char *err;
	} cases[] = {
		{ one_key("a", "HS256", "secret", ""), "fewer than 32" },
		{ one_key("a", "HS256", "secret",
		      token_base64(arena, SECRET, 31)),
		    "fewer than 32" },
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
		{ one_key("a", "ES256", "public_key", token_pem(arena, curve)),
		    "P-256" },
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
	struct timespec times[2] = { { seconds, 0 }, { seconds, 0 } };

	utimensat(AT_FDCWD, file, times, 0);
}

static void
test_a_reload_takes_new_keys_and_forgets_old_tokens(void)
{
	const char *old = hs(HS, claims_with("{\"jti\":\"old\"}"));
	const char *new;
	char err[256] = "";

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

	write_file(one_key("hs", "HS256", "secret",
	    token_base64(arena, OTHER, 32)));
	touch(2);
	CHECK(auth_reload(err, sizeof(err)) == 1);
	CHECK(auth_reload(err, sizeof(err)) == 0);
	CHECK(verify(old) == NULL);
	CHECK_HAS(why, "signature");
	new = token_hmac(arena, token_body(arena, HS, claims_with("{}")), OTHER,
	    32);
	CHECK(verify(new) != NULL);
	new = token_sign(arena, token_body(arena, RS, claims_with("{}")), rsa);
	CHECK(verify(new) == NULL);
	CHECK_HAS(why, "key is unknown");
}

int
main(int argc, char **argv)
{
	(void)argc;
	token_start();
	RUN(test_a_cached_token_expires);
	RUN(test_the_cache_is_bounded_and_keeps_callers_apart);
	RUN(test_asymmetric_verifications_are_budgeted);
	RUN(test_a_secret_is_no_key_unless_it_is_allowed);
	RUN(test_bad_key_lists_are_refused_and_the_old_one_stays);
	RUN(test_a_reload_takes_new_keys_and_forgets_old_tokens);
	token_stop();
	return unit_end(argv[0]);
}
