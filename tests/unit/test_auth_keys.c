/*
 * Unit test of auth*.c: the cache of verified tokens, and the key list with its
 * reload.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "token.h"

static void
test_a_cached_token_expires(void)
{
	const char *token = hs(HS, claims_with("{\"jti\":\"expires\"}"));
	size_t	    len = strlen(token);

	CHECK(verify_at(NOW, token, len) != NULL);
	CHECK(verify_at(NOW + 59, token, len) != NULL);
	CHECK(verify_at(NOW + 60, token, len) == NULL);
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

static json_t *
one_key(const char *kid, const char *alg, const char *member,
    const char *material)
{
	return json_pack("{s[{ss ss ss}]}", "keys", "kid", kid, "alg", alg,
	    member, material);
}

static json_t *
many_keys(int count)
{
	json_t *keys = json_array();
	char	kid[16];

	while (json_array_size(keys) < (size_t)count) {
		snprintf(kid, sizeof(kid), "key-%zu", json_array_size(keys));
		json_array_append_new(keys,
		    json_pack("{ss ss ss}", "kid", kid, "alg", "HS256",
			"secret", token_base64(arena, SECRET, 32)));
	}
	return json_pack("{so}", "keys", keys);
}

static EVP_PKEY *
rsa_key(const char *type, unsigned bits, unsigned exponent)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY     *key = NULL;
	BIGNUM	     *e = BN_new();

	BN_set_word(e, exponent);
	EVP_PKEY_keygen_init(context);
	EVP_PKEY_CTX_set_rsa_keygen_bits(context, (int)bits);
	EVP_PKEY_CTX_set1_rsa_keygen_pubexp(context, e);
	CHECK(EVP_PKEY_generate(context, &key) == 1);
	BN_free(e);
	EVP_PKEY_CTX_free(context);
	return key;
}

/* A key of any modulus, which no library would make. */
static const char *
modulus_pem(const BIGNUM *modulus)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	EVP_PKEY     *key = NULL;
	unsigned char n[2048];
	unsigned      e = 65537;
	const char   *pem;
	OSSL_PARAM    parameters[] = {
		   OSSL_PARAM_BN("n", n, (size_t)BN_num_bytes(modulus)),
		   OSSL_PARAM_uint("e", &e),
		   OSSL_PARAM_END,
	};

	BN_bn2nativepad(modulus, n, BN_num_bytes(modulus));
	EVP_PKEY_fromdata_init(context);
	CHECK(EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY,
		  parameters) == 1);
	pem = token_pem(arena, key);
	EVP_PKEY_free(key);
	EVP_PKEY_CTX_free(context);
	return pem;
}

static const char *
huge_key_pem(void)
{
	BIGNUM	   *n = BN_new();
	const char *pem;

	BN_set_bit(n, 16383);
	BN_add_word(n, 1);
	pem = modulus_pem(n);
	BN_free(n);
	return pem;
}

/* Whoever can take the modulus apart can sign: here anybody can. */
static void
test_a_key_that_anybody_could_sign_for_is_refused(void)
{
	BN_CTX *context = BN_CTX_new();
	BIGNUM *n[4], *prime = BN_new();
	char	err[256];
	int	i;

	for (i = 0; i < 4; i++)
		n[i] = BN_new();
	CHECK(BN_generate_prime_ex(n[0], 2048, 0, NULL, NULL, NULL) == 1);
	CHECK(BN_generate_prime_ex(prime, 1024, 0, NULL, NULL, NULL) == 1);
	BN_sqr(n[1], prime, context);
	BN_lshift(n[2], n[0], 1);
	BN_copy(n[3], n[0]);
	BN_mul_word(n[3], 7);
	for (i = 0; i < 4; i++) {
		CHECK(load(one_key("weak", "RS256", "public_key",
			       modulus_pem(n[i])),
			  err) == -1);
		CHECK_HAS(err, "anybody could sign");
		CHECK_HAS(err, "weak");
		BN_free(n[i]);
	}
	BN_free(prime);
	BN_CTX_free(context);
}

/* The point at infinity: a signature for it needs no private key. */
static void
test_a_key_that_is_no_point_of_its_curve_is_refused(void)
{
	char err[256];

	CHECK(load(one_key("nowhere", "ES256", "public_key",
		       "-----BEGIN PUBLIC KEY-----\n"
		       "MBkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDAgAA\n"
		       "-----END PUBLIC KEY-----\n"),
		  err) == -1);
	CHECK_HAS(err, "nowhere");
	CHECK_HAS(err, "P-256");
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
	const char *key_size = "2048 to 4096", *huge_pem = huge_key_pem();
	EVP_PKEY   *weak = EVP_RSA_gen(1024);
	EVP_PKEY   *curve = EVP_EC_gen("P-384");
	EVP_PKEY   *small_exponent = rsa_key("RSA", 2048, 3);
	EVP_PKEY   *large_exponent = rsa_key("RSA", 2048, 0xfffffffb);
	EVP_PKEY   *pss = rsa_key("RSA-PSS", 2048, 65537);
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
		{ one_key("a", "RS512", "public_key", rsa_pem), "alg must" },
		{ one_key("a", "EdDSA", "public_key", rsa_pem), "Ed25519" },
		{ one_key("", "HS256", "secret", secret), "kid must be" },
		{ one_key("a", "RS256", "public_key", "x"), "not a public" },
		{ one_key("a", "RS256", "public_key", ec_pem), "not an RSA" },
		{ one_key("a", "ES256", "public_key", rsa_pem), "not an EC" },
		{ one_key("a", "RS256", "public_key", token_pem(arena, weak)),
		    key_size },
		{ one_key("a", "RS256", "public_key", huge_pem), key_size },
		{ one_key("a", "RS256", "public_key",
		      token_pem(arena, small_exponent)),
		    "exponent" },
		{ one_key("a", "RS256", "public_key",
		      token_pem(arena, large_exponent)),
		    "exponent" },
		{ one_key("a", "RS256", "public_key", token_pem(arena, pss)),
		    "not an RSA" },
		{ one_key("a", "RS256", "public_key",
		      token_private_pem(arena, rsa)),
		    "private key" },
		{ one_key("a", "ES256", "public_key",
		      token_private_pem(arena, ec)),
		    "private key" },
		{ one_key("a", "ES256", "public_key",
		      arena_printf(arena, "%s%s", ec_pem,
			  token_private_pem(arena, ec))),
		    "private key" },
		{ one_key("a", "ES256", "public_key",
		      arena_printf(arena, "%s%s", ec_pem, ec_pem)),
		    "more than one" },
		{ one_key("a", "ES256", "public_key",
		      arena_printf(arena, "x%s", ec_pem)),
		    "not a public" },
		{ one_key("a", "ES256", "public_key",
		      arena_strndup(arena, ec_pem, strlen(ec_pem) / 2)),
		    "not a public" },
		{ one_key("a", "ES256", "public_key", token_pem(arena, curve)),
		    "P-256" },
		{ one_key("a", "HS256", "secret",
		      arena_printf(arena, "%02000d", 0)),
		    "more than 1024" },
		{ one_key(arena_printf(arena, "%0129d", 0), "HS256", "secret",
		      secret),
		    "kid must be" },
		{ many_keys(65), "more than 64" },
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
	EVP_PKEY_free(small_exponent);
	EVP_PKEY_free(large_exponent);
	EVP_PKEY_free(pss);
}

static void
test_the_last_of_as_many_keys_as_may_be_is_found(void)
{
	char err[256] = "";

	CHECK(load(many_keys(64), err) == 0);
	CHECK(verify(hs("{\"typ\":\"at+jwt\",\"alg\":\"HS256\","
			"\"kid\":\"key-63\"}",
		  claims_with("{}"))) != NULL);
	CHECK(load(good_keys(), err) == 0);
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
	RUN(test_a_secret_is_no_key_unless_it_is_allowed);
	RUN(test_a_key_that_anybody_could_sign_for_is_refused);
	RUN(test_a_key_that_is_no_point_of_its_curve_is_refused);
	RUN(test_bad_key_lists_are_refused_and_the_old_one_stays);
	RUN(test_the_last_of_as_many_keys_as_may_be_is_found);
	RUN(test_a_reload_takes_new_keys_and_forgets_old_tokens);
	token_stop();
	return unit_end(argv[0]);
}
