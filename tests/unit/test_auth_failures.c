/*
 * Unit test of what a token can cost: how many signatures are checked for whom,
 * counted by auth_counts, at times that the test chooses.
 */
#include "token.h"

#define BURST	 100 /* failures of a source and key, at once … */
#define RATE	 20  /* … and a second */
#define TOGETHER 500 /* of everybody, at once and a second */
#define FEW	 10  /* of a source in a minute, while there are more */

static double  at; /* seconds, on the monotonic clock */
static int64_t now = NOW;
static int     serial;

/* A while without failures: every purse is full again. */
static void
rest(void)
{
	at += 3600;
}

static const struct caller *
show(const char *source, const char *token)
{
	return auth_verify(&(struct auth_try){ .token = token,
			       .len = strlen(token),
			       .source = source,
			       .now = now,
			       .at = (int64_t)(at * 1e6) },
	    &why);
}

static const char *
fresh_claims(void)
{
	return claims_with(arena_printf(arena, "{\"jti\":\"%d\"}", ++serial));
}

/* Never seen before, and good. */
static const char *
fresh(const char *header)
{
	const char *body = token_body(arena, header, fresh_claims());

	if (strcmp(header, HS) == 0)
		return token_hmac(arena, body, SECRET, strlen(SECRET));
	return token_sign(arena, body, strcmp(header, RS) == 0 ? rsa : ec);
}

/* Never seen before, of the right form, and signed by nobody. */
static const char *
junk(const char *header)
{
	unsigned char signature[256];

	memset(signature, 1, sizeof(signature));
	return arena_printf(arena, "%s.%s",
	    token_body(arena, header, fresh_claims()),
	    token_base64(arena, signature,
		strcmp(header, HS) == 0	    ? 32 :
		    strcmp(header, RS) == 0 ? 256 :
					      64));
}

static uint64_t
checked(void)
{
	uint64_t n = 0;
	int	 i;

	for (i = 0; i < AUTH_ALGORITHMS; i++)
		n += auth_counts->checks[i][0] + auth_counts->checks[i][1];
	return n;
}

/* Shows that many junk tokens; returns how many were checked. */
static uint64_t
flood(const char *source, const char *header, int tokens)
{
	uint64_t before = checked();

	while (tokens-- > 0) {
		CHECK(show(source, junk(header)) == NULL);
		if (why != auth_busy)
			CHECK_HAS(why, "signature is wrong");
	}
	return checked() - before;
}

static void
test_junk_costs_its_source_and_nobody_else(void)
{
	static const char *const dear[] = { RS, ES };
	const char		*known;
	size_t			 i;
	int			 n;

	for (i = 0; i < 2; i++) {
		unit_case = dear[i];
		rest();
		known = fresh(dear[i]);
		CHECK(show("junk", known) != NULL);
		CHECK(flood("junk", dear[i], 4 * BURST) == BURST);
		CHECK(show("junk", fresh(dear[i])) == NULL);
		CHECK(why == auth_busy);
		/* Not so tokens seen before, other keys, other sources. */
		CHECK(show("junk", known) != NULL);
		CHECK(show("junk", fresh(dear[1 - i])) != NULL);
		CHECK(show("junk", fresh(HS)) != NULL);
		for (n = 0; n < 50; n++)
			CHECK(show("good", fresh(dear[i])) != NULL);
	}
}

static void
test_who_floods_gets_back_in_after_a_while(void)
{
	const char *token = fresh(ES);

	rest();
	CHECK(flood("junk", ES, 2 * BURST) == BURST);
	CHECK(show("junk", token) == NULL);
	at += 1;
	CHECK(show("junk", token) != NULL); /* what was not looked at is good */
	CHECK(flood("junk", ES, 2 * BURST) == RATE);
	at += 5;
	CHECK(flood("junk", ES, 2 * BURST) == BURST);
}

static void
test_good_tokens_take_nothing(void)
{
	int i;

	rest();
	for (i = 0; i < 2 * TOGETHER; i++)
		CHECK(show("good", fresh(ES)) != NULL);
	CHECK(flood("good", ES, 2 * BURST) == BURST);
}

static void
test_a_token_that_failed_is_checked_once(void)
{
	static const char *const changes[] = { "{\"exp\":1799999999}",
		"{\"aud\":\"other\"}", "{\"sub\":\"nobody\"}" };
	const char		*token, *first;
	uint64_t		 before;
	size_t			 i;
	int			 n;

	rest();
	for (i = 0; i < 4; i++) {
		token = i == 3 ?
		    junk(RS) :
		    token_sign(arena,
			token_body(arena, RS, claims_with(changes[i])), rsa);
		before = checked();
		CHECK(show("script", token) == NULL);
		first = why;
		for (n = 0; n < 2 * BURST; n++) {
			CHECK(show("script", token) == NULL);
			CHECK_STR(why, first);
		}
		CHECK(checked() == before + 1);
	}
	CHECK(flood("script", RS, 2 * BURST) == BURST - 4);
}

static void
test_a_token_that_is_early_is_good_in_time(void)
{
	const char *token = token_sign(arena,
	    token_body(arena, ES, claims_with("{\"nbf\":1800000060}")), ec);

	rest();
	CHECK(show("early", token) == NULL);
	CHECK_HAS(why, "not valid yet");
	now += 30;
	CHECK(show("early", token) != NULL); /* 30 seconds of leeway */
	now -= 30;
}

static void
test_what_was_refused_is_forgotten_with_its_key(void)
{
	const char *token = token_sign(arena,
	    token_body(arena, ES, claims_with("{\"jti\":\"soon\"}")), other_ec);
	const char *before = ec_pem;
	char	    err[256] = "";

	rest();
	CHECK(show("early", token) == NULL);
	ec_pem = token_pem(arena, other_ec);
	CHECK(load(good_keys(), err) == 0);
	CHECK(show("early", token) != NULL);
	ec_pem = before;
	CHECK(load(good_keys(), err) == 0);
	CHECK(show("early", token) == NULL);
}

/* Of 100 sources that flooded. A few may share a place in the table, where the
 * one forgets the other. */
static int
refused_to_flooders(void)
{
	int i, busy = 0;

	for (i = 0; i < 100; i++) {
		(void)show(arena_printf(arena, "junk %d", i), fresh(ES));
		busy += why == auth_busy;
	}
	return busy;
}

static void
test_a_flood_from_everywhere_has_a_bound_too(void)
{
	uint64_t n = 0;
	int	 i;

	rest();
	CHECK(flood("some", ES, FEW - 1) == FEW - 1);
	for (i = 0; i < 100; i++)
		n += flood(arena_printf(arena, "junk %d", i), ES, 2 * BURST);
	CHECK(n >= TOGETHER && n <= TOGETHER + 100 * FEW);
	CHECK(refused_to_flooders() > 80);
	for (i = 0; i < 50; i++)
		CHECK(show("good", fresh(ES)) != NULL);
	CHECK(show("some", fresh(ES)) != NULL);

	/* It goes on, and then it ends. */
	at += 1;
	for (i = 0; i < 100; i++)
		flood(arena_printf(arena, "junk %d", i), ES, BURST / 4);
	CHECK(refused_to_flooders() > 80);
	CHECK(show("good", fresh(ES)) != NULL);
	at += 1;
	CHECK(refused_to_flooders() == 0);
}

static void
test_what_is_cheap_is_refused_without_a_check(void)
{
	uint64_t before;
	int	 i;

	rest();
	before = checked();
	for (i = 0; i < 2 * BURST; i++) {
		CHECK(show("x", "a.b.c") == NULL);
		CHECK(show("x",
			  token_sign(arena,
			      token_body(arena,
				  "{\"typ\":\"at+jwt\",\"alg\":\"ES256\","
				  "\"kid\":\"unknown\"}",
				  "{}"),
			      ec)) == NULL);
	}
	CHECK(show("x",
		  token_sign(arena,
		      token_body(arena,
			  arena_printf(arena,
			      "{\"typ\":\"at+jwt\",\"alg\":\"ES256\",\"kid\":"
			      "\"es\",\"x\":\"%0800d\"}",
			      0),
			  fresh_claims()),
		      ec)) == NULL);
	CHECK_HAS(why, "header is too long");
	CHECK(checked() == before);
	CHECK(show("x", fresh(ES)) != NULL);
}

/* An HMAC costs less than the request that it came with. */
static void
test_hs256_is_not_counted(void)
{
	rest();
	CHECK(flood("junk", HS, 2 * BURST) == 2 * BURST);
	CHECK(flood("junk", ES, 2 * BURST) == BURST);
}

static void
test_failures_are_counted_by_reason(void)
{
	uint64_t before[AUTH_FAILURES];
	int	 i;

	rest();
	memcpy(before, auth_counts->failures, sizeof(before));
	CHECK(show("x", "a.b") == NULL);
	CHECK(show("x", "a.b.c") == NULL);
	CHECK(flood("x", ES, BURST + 1) == BURST);
	CHECK(show("y", hs(HS, claims_with("{\"exp\":1}"))) == NULL);
	CHECK(show("y",
		  hs("{\"typ\":\"at+jwt\",\"alg\":\"RS256\",\"kid\":\"k\"}",
		      claims_with("{\"iss\":\"https://a.example\"}"))) == NULL);
	CHECK(show("y", hs(HS, claims_with("{\"aud\":\"x\"}"))) == NULL);
	CHECK(show("y", hs(HS, claims_with("{\"aud\":\"x\"}"))) == NULL);
	for (i = 0; i < AUTH_FAILURES; i++) {
		unit_case = auth_failure_names[i];
		CHECK(auth_counts->failures[i] - before[i] ==
		    (i == AUTH_SIGNATURE ? BURST : 1));
	}
}

int
main(int argc, char **argv)
{
	(void)argc;
	token_start();
	RUN(test_junk_costs_its_source_and_nobody_else);
	RUN(test_who_floods_gets_back_in_after_a_while);
	RUN(test_good_tokens_take_nothing);
	RUN(test_a_token_that_failed_is_checked_once);
	RUN(test_a_token_that_is_early_is_good_in_time);
	RUN(test_what_was_refused_is_forgotten_with_its_key);
	RUN(test_a_flood_from_everywhere_has_a_bound_too);
	RUN(test_what_is_cheap_is_refused_without_a_check);
	RUN(test_hs256_is_not_counted);
	RUN(test_failures_are_counted_by_reason);
	token_stop();
	return unit_end(argv[0]);
}
