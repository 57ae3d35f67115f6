/*
 * Unit test of auth_signature.c: what libjwt signs is good, and of no signature
 * is there a second spelling or a part that does not count. libjwt shares no
 * code with it, and is asked through its public interface.
 */
#include <jwt.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>

#include "auth_signature.h"
#include "token.h"

#define BODY "eyJhbGciOiJub25lIn0.e30"

/* The order of P-256: r and s are from 1 to one less. */
#define ORDER                                                              \
	"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff" \
	"\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51"

static bool
good(const char *kid, const char *text, size_t len, const void *signature)
{
	bool is = auth_signature_good(key_of(kid), key_of(kid)->algorithm, text,
	    len, signature);

	CHECK(ERR_peek_error() == 0);
	return is;
}

/* Signed by libjwt; the signature's bytes go to out. The text is malloc()ed. */
static char *
made_by_libjwt(jwt_alg_t alg, const char *key, unsigned char *out, size_t *len)
{
	jwt_t *jwt = NULL;
	char  *text, *dot;

	CHECK(jwt_new(&jwt) == 0);
	CHECK(jwt_add_grant(jwt, "sub", "contact:1") == 0);
	CHECK(jwt_set_alg(jwt, alg, (const unsigned char *)key,
		  (int)strlen(key)) == 0);
	text = jwt_encode_str(jwt);
	jwt_free(jwt);
	CHECK(text != NULL);
	dot = strrchr(text, '.');
	*dot = '\0';
	*len = (size_t)base64url_decode(dot + 1, strlen(dot + 1), out);
	return text;
}

static void
test_what_libjwt_signs_is_good_to_the_last_bit(void)
{
	const struct {
		const char *kid;
		jwt_alg_t   alg;
		const char *key;
	} cases[] = {
		{ "hs", JWT_ALG_HS256, SECRET },
		{ "rs", JWT_ALG_RS256, token_private_pem(arena, rsa) },
		{ "es", JWT_ALG_ES256, token_private_pem(arena, ec) },
	};
	unsigned char signature[1024];
	char	     *text;
	size_t	      i, at, len, wrong;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].kid;
		text =
		    made_by_libjwt(cases[i].alg, cases[i].key, signature, &len);
		CHECK(len == key_of(cases[i].kid)->signature_len);
		CHECK(good(unit_case, text, strlen(text), signature));
		CHECK(!good(unit_case, text, strlen(text) - 1, signature));
		CHECK(!good(unit_case, "", 0, signature));
		for (wrong = at = 0; at < len; at++) {
			signature[at] ^= 1;
			wrong +=
			    !good(unit_case, text, strlen(text), signature);
			signature[at] ^= 1;
		}
		CHECK(wrong == len);
		free(text);
	}
}

/* Why the service does without it; if a later libjwt can, this test ends. */
static void
test_libjwt_neither_makes_nor_reads_an_access_token(void)
{
	const char *access = hs(HS, claims_with("{}"));
	char	   *text;
	jwt_t	   *jwt = NULL;

	CHECK(verify(access) != NULL);
	CHECK(jwt_decode(&jwt, access, (const unsigned char *)SECRET, 32) != 0);
	CHECK(jwt_new(&jwt) == 0);
	CHECK(jwt_add_header(jwt, "kid", "hs") == 0);
	CHECK(jwt_add_header(jwt, "typ", "at+jwt") == 0);
	CHECK(jwt_add_grants_json(jwt, claims_with("{}")) == 0);
	CHECK(jwt_set_alg(jwt, JWT_ALG_HS256, (const unsigned char *)SECRET,
		  32) == 0);
	text = jwt_encode_str(jwt);
	jwt_free(jwt);
	CHECK(verify(text) == NULL);
	CHECK_HAS(why, "type");
	free(text);
}

static void
test_r_and_s_are_from_one_to_the_order(void)
{
	unsigned char one[32] = { 0 }, zero[32] = { 0 }, most[32];
	unsigned char signature[64], other[64];
	const struct {
		const char *name;
		const void *r, *s; /* NULL: the right one */
	} cases[] = {
		{ "r is 0", zero, NULL },
		{ "s is 0", NULL, zero },
		{ "both are 0", zero, zero },
		{ "r is the order", ORDER, NULL },
		{ "s is the order", NULL, ORDER },
		{ "r is 1", one, NULL },
		{ "r and s are 1", one, one },
		{ "r is all ones", most, NULL },
		{ "s is all ones", NULL, most },
		{ "r for s", NULL, signature },
	};
	size_t i;

	one[31] = 1;
	memset(most, 0xff, sizeof(most));
	CHECK(token_signature(ec, BODY, signature) == 64);
	CHECK(good("es", BODY, strlen(BODY), signature));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].name;
		memcpy(other, signature, 64);
		if (cases[i].r != NULL)
			memcpy(other, cases[i].r, 32);
		if (cases[i].s != NULL)
			memcpy(other + 32, cases[i].s, 32);
		CHECK(!good("es", BODY, strlen(BODY), other));
	}
}

/* RFC 7518 lets both stand; so a token may have two spellings, and pays for
 * both. */
static void
test_the_other_s_of_an_r_is_as_good(void)
{
	unsigned char signature[64];
	BIGNUM	     *order = BN_bin2bn((const unsigned char *)ORDER, 32, NULL);
	BIGNUM	     *s = BN_new();

	CHECK(token_signature(ec, BODY, signature) == 64);
	BN_bin2bn(signature + 32, 32, s);
	BN_sub(s, order, s);
	BN_bn2binpad(s, signature + 32, 32);
	CHECK(good("es", BODY, strlen(BODY), signature));
	BN_free(order);
	BN_free(s);
}

static void
test_an_rsa_signature_is_less_than_the_modulus(void)
{
	unsigned char signature[256] = { 0 };
	BIGNUM	     *n = NULL;

	CHECK(EVP_PKEY_get_bn_param(rsa, OSSL_PKEY_PARAM_RSA_N, &n) == 1);
	CHECK(!good("rs", BODY, strlen(BODY), signature));
	signature[255] = 1;
	CHECK(!good("rs", BODY, strlen(BODY), signature));
	BN_bn2binpad(n, signature, 256);
	CHECK(!good("rs", BODY, strlen(BODY), signature));
	BN_add_word(n, 1);
	BN_bn2binpad(n, signature, 256);
	CHECK(!good("rs", BODY, strlen(BODY), signature));
	memset(signature, 0xff, sizeof(signature));
	CHECK(!good("rs", BODY, strlen(BODY), signature));
	BN_free(n);
}

/* A verifier that looks for the hash and not at all bytes takes forgeries. */
static void
test_an_rsa_signature_is_padded_as_it_must_be(void)
{
	static const int paddings[] = { RSA_PKCS1_PSS_PADDING, RSA_NO_PADDING };
	unsigned char	 signature[256], digest[32], block[256] = { 0 };
	size_t		 i, len;
	EVP_PKEY_CTX	*context;

	CHECK(EVP_Digest(BODY, strlen(BODY), digest, NULL, EVP_sha256(),
		  NULL) == 1);
	memcpy(block + sizeof(block) - 32, digest, 32);
	for (i = 0; i < 2; i++) {
		context = EVP_PKEY_CTX_new(rsa, NULL);
		len = sizeof(signature);
		EVP_PKEY_sign_init(context);
		EVP_PKEY_CTX_set_rsa_padding(context, paddings[i]);
		if (i == 0)
			EVP_PKEY_CTX_set_signature_md(context, EVP_sha256());
		CHECK(EVP_PKEY_sign(context, signature, &len,
			  i == 0 ? digest : block,
			  i == 0 ? sizeof(digest) : sizeof(block)) == 1);
		CHECK(!good("rs", BODY, strlen(BODY), signature));
		EVP_PKEY_CTX_free(context);
	}
	ERR_clear_error();
	CHECK(token_signature(rsa, BODY, signature) == 256);
	CHECK(good("rs", BODY, strlen(BODY), signature));
}

static void
test_only_signatures_of_the_right_length_are_looked_at(void)
{
	static const struct {
		const char *header;
		size_t	    len;
	} cases[] = { { HS, 32 }, { RS, 256 }, { ES, 64 } };
	static const int off[] = { -33, -1, 1, 7, 300 };
	unsigned char	 bytes[1024];
	uint64_t	 before;
	size_t		 i, j;

	memset(bytes, 1, sizeof(bytes));
	for (i = 0; i < 3; i++) {
		for (j = 0; j < 5; j++) {
			if ((int)cases[i].len + off[j] < 0)
				continue;
			before = auth_counts->checks[i][0];
			CHECK(verify(arena_printf(arena, "%s.%s",
				  token_body(arena, cases[i].header, "{}"),
				  token_base64(arena, bytes,
				      (size_t)((int)cases[i].len + off[j])))) ==
			    NULL);
			CHECK_HAS(why, "signature");
			CHECK(auth_counts->checks[i][0] == before);
		}
	}
}

int
main(int argc, char **argv)
{
	(void)argc;
	token_start();
	RUN(test_what_libjwt_signs_is_good_to_the_last_bit);
	RUN(test_libjwt_neither_makes_nor_reads_an_access_token);
	RUN(test_r_and_s_are_from_one_to_the_order);
	RUN(test_the_other_s_of_an_r_is_as_good);
	RUN(test_an_rsa_signature_is_less_than_the_modulus);
	RUN(test_an_rsa_signature_is_padded_as_it_must_be);
	RUN(test_only_signatures_of_the_right_length_are_looked_at);
	token_stop();
	return unit_end(argv[0]);
}
