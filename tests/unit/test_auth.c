/*
 * Unit test of auth*.c and caller.c. Every known way to pass a token
 * that nobody signed for us is tried; JWT libraries have let each through.
 */
#include "token.h"

static void
test_good_tokens_of_each_algorithm_pass(void)
{
	const char	    *claims = claims_with("{}");
	const char	    *tokens[3];
	const struct caller *caller;
	size_t		     i, round;

	tokens[0] = hs(HS, claims);
	tokens[1] = token_sign(arena, token_body(arena, RS, claims), rsa);
	tokens[2] = token_sign(arena, token_body(arena, ES, claims), ec);
	for (round = 0; round < 2; round++) { /* then from the cache */
		for (i = 0; i < 3; i++) {
			caller = verify(tokens[i]);
			CHECK(caller != NULL && why == NULL);
			if (caller == NULL)
				continue;
			CHECK(caller->kind == CALLER_CONTACT);
			CHECK_STR(caller->id, "17");
			CHECK_STR(caller->actor, "");
			CHECK(caller->scopes == (read_cases | write_cases));
			CHECK(caller->expires == NOW + 60);
		}
	}
}

static void
test_headers_are_checked(void)
{
	static const struct {
		const char *header;
		const char *why; /* NULL: passes */
	} cases[] = {
		{ HS, NULL },
		{ "{\"typ\":\"AT+JWT\",\"alg\":\"HS256\",\"kid\":\"hs\"}",
		    NULL },
		{ "{\"typ\":\"application/at+jwt\",\"alg\":\"HS256\","
		  "\"kid\":\"hs\",\"jku\":\"https://evil.example\"}",
		    NULL },
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
		  "\"crit\":[\"b64\"],\"b64\":false}",
		    "extension" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"hs\","
		  "\"crit\":[]}",
		    "extension" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"none\",\"alg\":\"HS256\","
		  "\"kid\":\"hs\"}",
		    "header" },
		{ "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"hs\"} x",
		    "header" },
		{ "[]", "header" },
		{ "", "header" },
		{ "{", "header" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].header;
		CHECK((verify(hs(cases[i].header, claims_with("{}"))) !=
			  NULL) == (cases[i].why == NULL));
		if (cases[i].why != NULL)
			CHECK_HAS(why, cases[i].why);
	}
}

static void
test_signatures_by_anybody_else_are_refused(void)
{
	const char *claims = claims_with("{\"jti\":\"foreign\"}");
	const char *body = token_body(arena, HS, claims);
	const char *rs = token_body(arena, RS, claims);
	const char *es = token_body(arena, ES, claims);
	const char *confused;

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
	static const char none[] =
	    "{\"typ\":\"at+jwt\",\"alg\":\"none\",\"kid\":\"hs\"}";
	const char *claims = claims_with("{}");

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
	static const unsigned char zeros[256];
	const char		  *claims = claims_with("{}");

	CHECK(verify(arena_printf(arena, "%s.%s", token_body(arena, ES, claims),
		  token_base64(arena, zeros, 64))) == NULL);
	CHECK(verify(arena_printf(arena, "%s.%s", token_body(arena, RS, claims),
		  token_base64(arena, zeros, 256))) == NULL);
	CHECK(verify(arena_printf(arena, "%s.%s", token_body(arena, HS, claims),
		  token_base64(arena, zeros, 32))) == NULL);
}

static void
test_junk_behind_a_signature_is_refused(void)
{
	const char   *claims = claims_with("{\"jti\":\"junk\"}");
	const char   *bodies[3];
	unsigned char signature[3][1024];
	size_t	      len[3], i;

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
			  token_base64(arena, signature[i], len[i] + 1))) ==
		    NULL);
		CHECK(verify(arena_printf(arena, "%s.%s", bodies[i],
			  token_base64(arena, signature[i], len[i] - 1))) ==
		    NULL);
		CHECK_HAS(why, "signature");
	}
}

static void
test_every_altered_character_is_noticed(void)
{
	const char *good = hs(HS, claims_with("{\"jti\":\"alter\"}"));
	char	   *copy;
	size_t	    i;

	for (i = 0; good[i] != '\0'; i++) {
		copy = arena_strdup(arena, good);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		CHECK(verify(copy) == NULL);
		copy[i] = '\0';
		CHECK(verify(copy) == NULL);
	}
	CHECK(verify(good) != NULL); /* and now it is in the cache */
	for (i = 0; good[i] != '\0'; i++) {
		copy = arena_strdup(arena, good);
		copy[i] = copy[i] == 'A' ? 'B' : 'A';
		CHECK(verify(copy) == NULL);
	}
}

static void
test_other_spellings_of_a_token_are_refused(void)
{
	const char *good = hs(HS, claims_with("{\"jti\":\"spell\"}"));
	char	   *copy;
	size_t	    last = strlen(good) - 1;

	CHECK(verify(good) != NULL);
	CHECK(verify(arena_printf(arena, "%s=", good)) == NULL);
	CHECK(verify(arena_printf(arena, "%s.", good)) == NULL);
	CHECK(verify(arena_printf(arena, "%s.x", good)) == NULL);
	CHECK_HAS(why, "three parts");
	CHECK(verify(arena_printf(arena, "%s ", good)) == NULL);
	CHECK(verify(arena_printf(arena, " %s", good)) == NULL);
	CHECK(verify(arena_printf(arena, ".%s", good)) == NULL);
	CHECK(verify_at(NOW, good, strlen(good) + 1) == NULL);
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
	char	    filler[9000];
	const char *token;

	memset(filler, 'a', sizeof(filler));
	filler[4000] = '\0';
	token =
	    hs(HS, claims_with(arena_printf(arena, "{\"x\":\"%s\"}", filler)));
	CHECK(verify(token) != NULL);
	filler[4000] = 'a';
	filler[8999] = '\0';
	token =
	    hs(HS, claims_with(arena_printf(arena, "{\"x\":\"%s\"}", filler)));
	CHECK(verify(token) == NULL);
	CHECK_HAS(why, "too long");
}

int
main(int argc, char **argv)
{
	(void)argc;
	token_start();
	RUN(test_good_tokens_of_each_algorithm_pass);
	RUN(test_headers_are_checked);
	RUN(test_signatures_by_anybody_else_are_refused);
	RUN(test_unsigned_tokens_are_refused);
	RUN(test_signatures_of_zeros_are_refused);
	RUN(test_junk_behind_a_signature_is_refused);
	RUN(test_every_altered_character_is_noticed);
	RUN(test_other_spellings_of_a_token_are_refused);
	RUN(test_long_tokens_are_refused);
	token_stop();
	return unit_end(argv[0]);
}
