/*
 * Unit test of auth_jwk.c: what a key in a JWK set must be, and what is passed
 * over.
 */
#include <openssl/core_names.h>
#include <openssl/rsa.h>

#include "token.h"

/* RFC 7517 appendix A.1 has such a one; this is of RFC 7515 A.3. */
#define EC_X "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
/* RFC 8037 A.2 */
#define ED_X "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"

static char fault[256];

static int
load_text(const char *keys)
{
	json_t *json = json_loads(keys, 0, NULL);

	CHECK(json != NULL);
	write_file(json);
	return auth_load(file, ISSUER, "casework", fault, sizeof(fault));
}

static int
load_one(const char *members)
{
	return load_text(arena_printf(arena, "{\"keys\":[{\"kid\":\"a\",%s}]}",
	    members));
}

static void
test_a_set_of_a_provider_is_a_key_list(void)
{
	CHECK(
	    load_text(
		"{\"keys\":["
		"{\"kid\":\"e\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
		"\",\"y\":\"" EC_Y "\",\"use\":\"sig\",\"x5t\":\"x\"},"
		"{\"kid\":\"d\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X
		"\",\"alg\":\"EdDSA\",\"key_ops\":[\"verify\"]}"
		"],\"more\":1}") == 0);
	CHECK(key_of("e")->algorithm == AUTH_ES256);
	CHECK(key_of("d")->algorithm == AUTH_EDDSA);
}

/* RFC 7517 §5: they are for somebody else. */
static void
test_what_is_for_others_is_passed_over(void)
{
	static const char *const others[] = {
		"\"kty\":\"RSA\",\"use\":\"enc\"",
		"\"kty\":\"RSA\",\"alg\":\"RSA-OAEP\"",
		"\"kty\":\"RSA\",\"alg\":\"RS512\"",
		"\"kty\":\"EC\",\"alg\":\"ES384\"",
		"\"kty\":\"oct\",\"k\":\"AAAA\"",
		"\"kty\":\"XYZ\"",
		"\"kty\":7",
		"\"kty\":\"EC\",\"key_ops\":[\"deriveKey\",7]",
		"\"kty\":\"EC\",\"key_ops\":[]",
	};
	const char *keys = "";
	size_t	    i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		CHECK(load_one(others[i]) == -1);
		CHECK_HAS(fault, "no key for signatures");
		keys = arena_printf(arena, "%s{\"kid\":\"a\",%s},", keys,
		    others[i]);
	}
	CHECK(load_text(arena_printf(arena,
		  "{\"keys\":[%s{\"kid\":\"d\",\"kty\":\"OKP\",\"crv\":"
		  "\"Ed25519\",\"x\":\"" ED_X "\"}]}",
		  keys)) == 0);
	CHECK(key_of("a") == NULL);
	CHECK(key_of("d") != NULL);
}

static void
test_a_bad_key_is_refused_by_name(void)
{
	static const struct {
		const char *members, *says;
	} cases[] = {
		{ "\"kty\":\"RSA\"", "n and e" },
		{ "\"kty\":\"RSA\",\"n\":\"\",\"e\":\"AQAB\"", "n and e" },
		{ "\"kty\":\"RSA\",\"n\":\"+/\",\"e\":\"AQAB\"", "n and e" },
		{ "\"kty\":\"RSA\",\"n\":7,\"e\":\"AQAB\"", "n and e" },
		{ "\"kty\":\"RSA\",\"n\":\"qqqr\",\"e\":\"AQAB\"", "2048" },
		{ "\"kty\":\"EC\",\"crv\":\"P-384\"", "P-256" },
		{ "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X "\"",
		    "x and y" },
		{ "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
		  "\",\"y\":\"" EC_X "\"",
		    "point" },
		{ "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"" EC_X
		  "\",\"y\":\"AAAA\"",
		    "x and y" },
		{ "\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"" ED_X "\"",
		    "Ed25519" },
		{ "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"AAAA\"",
		    "32 bytes" },
		{ "\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"" ED_X
		  "\",\"d\":\"AAAA\"",
		    "private" },
		{ "\"kty\":\"EC\",\"d\":\"AAAA\"", "private" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK(load_one(cases[i].members) == -1);
		CHECK_HAS(fault, cases[i].says);
		CHECK_HAS(fault, "kid \"a\"");
	}
}

static void
test_a_number_of_any_length_is_read(void)
{
	char *n = arena_alloc(arena, 6001);
	int   len;

	memset(n, 'q', 6000);
	for (len = 1; len < 6000; len += 37) {
		n[len] = '\0';
		CHECK(load_one(arena_printf(arena,
			  "\"kty\":\"RSA\",\"e\":\"%s\",\"n\":\"%s\"", n, n)) ==
		    -1);
		CHECK(load_one(arena_printf(arena,
			  "\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\","
			  "\"y\":\"%s\"",
			  n, n)) == -1);
		n[len] = 'q';
	}
}

/* The public part of the RSA key, of that algorithm or, with "", of none. */
static int
load_rsa(const char *alg)
{
	unsigned char bytes[256];
	BIGNUM	     *n = NULL;

	CHECK(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
	CHECK(BN_bn2binpad(n, bytes, sizeof(bytes)) == sizeof(bytes));
	BN_free(n);
	return load_one(arena_printf(arena,
	    "\"kty\":\"RSA\",\"e\":\"AQAB\",\"n\":\"%s\"%s",
	    token_base64(arena, bytes, sizeof(bytes)), alg));
}

/* Claims to be signed by that, and is signed with that padding. */
static bool
is_good(const char *alg, int padding)
{
	const char   *body = token_body(arena,
	      arena_printf(arena,
		  "{\"typ\":\"at+jwt\",\"kid\":\"a\",\"alg\":\"%s\"}", alg),
	      claims_with("{}"));
	unsigned char signature[256];
	size_t	      len = sizeof(signature);
	EVP_PKEY_CTX *options;
	EVP_MD_CTX   *context = EVP_MD_CTX_new();

	CHECK(EVP_DigestSignInit(context, &options, EVP_sha256(), NULL, rsa) ==
	    1);
	CHECK(EVP_PKEY_CTX_set_rsa_padding(options, padding) == 1);
	CHECK(padding != RSA_PKCS1_PSS_PADDING ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) ==
		1);
	CHECK(EVP_DigestSign(context, signature, &len,
		  (const unsigned char *)body, strlen(body)) == 1);
	EVP_MD_CTX_free(context);
	return verify(arena_printf(arena, "%s.%s", body,
		   token_base64(arena, signature, len))) != NULL;
}

/* RFC 7517 4.4: alg may be left out; said, it is the only one. */
static void
test_an_rsa_key_without_alg_is_for_either_padding(void)
{
	CHECK(load_rsa("") == 0);
	CHECK(is_good("RS256", RSA_PKCS1_PADDING));
	CHECK(is_good("PS256", RSA_PKCS1_PSS_PADDING));
	CHECK(!is_good("PS256", RSA_PKCS1_PADDING));
	CHECK(!is_good("RS256", RSA_PKCS1_PSS_PADDING));
	CHECK(!is_good("ES256", RSA_PKCS1_PADDING));
	CHECK(!is_good("HS256", RSA_PKCS1_PADDING));
	CHECK(!is_good("RS512", RSA_PKCS1_PADDING));
	CHECK(load_rsa(",\"alg\":\"RS256\"") == 0);
	CHECK(is_good("RS256", RSA_PKCS1_PADDING));
	CHECK(!is_good("PS256", RSA_PKCS1_PSS_PADDING));
	CHECK(load_rsa(",\"alg\":\"PS256\"") == 0);
	CHECK(is_good("PS256", RSA_PKCS1_PSS_PADDING));
	CHECK(!is_good("RS256", RSA_PKCS1_PADDING));
}

int
main(int argc, char **argv)
{
	(void)argc;
	token_start();
	RUN(test_a_set_of_a_provider_is_a_key_list);
	RUN(test_what_is_for_others_is_passed_over);
	RUN(test_a_bad_key_is_refused_by_name);
	RUN(test_a_number_of_any_length_is_read);
	RUN(test_an_rsa_key_without_alg_is_for_either_padding);
	token_stop();
	return unit_end(argv[0]);
}
