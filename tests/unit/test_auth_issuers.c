/*
 * Unit test of auth_issuers.c and auth_scopes.c: several issuers, what each of
 * them says, and when their keys are looked up.
 */
#include <openssl/bn.h>

#include "auth_cache.h"
#include "token.h"

#define SECOND INT64_C(1000000)
#define ONE    "https://one.example"
#define TWO    "https://two.example"

static const char *
coordinate(EVP_PKEY *key, const char *name)
{
	unsigned char bytes[32];
	BIGNUM	     *number = NULL;

	CHECK(EVP_PKEY_get_bn_param(key, name, &number) == 1);
	CHECK(BN_bn2binpad(number, bytes, sizeof(bytes)) == sizeof(bytes));
	BN_free(number);
	return token_base64(arena, (const char *)bytes, sizeof(bytes));
}

/* An issuer with the public part of that key, and members that differ. */
static const char *
issuer(const char *id, const char *name, const char *kid, EVP_PKEY *key,
    const char *changes)
{
	json_t	   *json = json_pack("{ss ss s[ss] s[s] s[sss] sn sb sb sn sn"
					 " s[{ss ss ss ss ss}]}",
		"id", id, "issuer", name, "audiences", "desk", "d2", "token_types",
		"JWT", "scope_claims", "scope", "scp", "groups", "scopes", "email",
		true, "fixed", false, "looked_ago", "wanted_ago", "keys", "kid",
		kid, "kty", "EC", "crv", "P-256", "x", coordinate(key, "qx"), "y",
		coordinate(key, "qy"));
	json_t	   *change = json_loads(changes, 0, NULL);
	char	   *dump;
	const char *text;

	CHECK(json != NULL && change != NULL);
	json_object_update(json, change);
	dump = json_dumps(json, JSON_COMPACT);
	text = arena_strdup(arena, dump);
	free(dump);
	json_decref(json);
	json_decref(change);
	return text;
}

static bool
update(const char *json, int64_t at)
{
	return auth_issuers_update(json, strlen(json), at);
}

/* What such a one signs: a UUID is the subject. */
static const char *
tokens_of(const char *name, EVP_PKEY *key, const char *changes)
{
	json_t	   *json = json_loads(changes, 0, NULL);
	char	   *text;
	const char *token;

	json_object_set_new(json, "iss", json_string(name));
	if (json_object_get(json, "aud") == NULL)
		json_object_set_new(json, "aud", json_string("desk"));
	if (json_object_get(json, "sub") == NULL)
		json_object_set_new(json, "sub", json_string("f81d4fae-7dec"));
	text = json_dumps(json, JSON_COMPACT);
	token = token_sign(arena,
	    token_body(arena,
		"{\"typ\":\"JWT\",\"alg\":\"ES256\",\"kid\":\"k\"}",
		claims_with(text)),
	    key);
	free(text);
	json_decref(json);
	return token;
}

static struct auth_subject
subject_of(const char *token)
{
	struct auth_subject subject = { .subject = "?" };

	CHECK(auth_subject_read(&(struct auth_try){ .token = token,
				    .len = strlen(token),
				    .source = "192.0.2.1",
				    .now = NOW },
	    &subject));
	return subject;
}

static void
test_an_issuers_subject_is_to_be_looked_up(void)
{
	const struct caller *caller;
	const char	    *token = tokens_of(ONE, ec, "{}");

	CHECK(update(arena_printf(arena, "[%s]",
			 issuer("7", ONE, "k", ec, "{}")),
	    SECOND));
	caller = verify(token);
	CHECK(caller != NULL && caller->kind == CALLER_KINDS);
	CHECK(caller != NULL && strcmp(caller->kid, "k") == 0);
	CHECK_STR(subject_of(token).subject, "f81d4fae-7dec");
	CHECK_STR(subject_of(token).issuer_id, "7");
	auth_cache_learn(token, strlen(token),
	    &(struct caller){
		.kind = CALLER_PARTNER, .id = "3", .identity = "12" });
	caller = verify(token);
	CHECK(caller != NULL && caller->kind == CALLER_PARTNER);
	CHECK(caller != NULL && strcmp(caller->id, "3") == 0);
	CHECK(caller != NULL && strcmp(caller->identity, "12") == 0);
	CHECK(caller != NULL && strcmp(caller->kid, "k") == 0);
	auth_cache_learn(token, strlen(token),
	    &(struct caller){ .kind = CALLER_KINDS });
	caller = verify(token);
	CHECK(caller != NULL && caller->kind == CALLER_KINDS);
}

/* It says nothing about callers, nor about another one's people. */
static void
test_who_acts_is_an_issuers_subject_too(void)
{
	const char *const good[] = {
		"{\"act\":{\"sub\":\"contact:1\"}}",
		"{\"act\":{\"sub\":\"contact:1\",\"iss\":\"" ONE "\"}}",
	};
	const char *const bad[] = {
		"{\"act\":\"contact:1\"}",
		"{\"act\":{}}",
		"{\"act\":{\"sub\":\"\"}}",
		"{\"act\":{\"sub\":\"a\\nb\"}}",
		"{\"act\":{\"sub\":\"a\",\"iss\":\"" TWO "\"}}",
		"{\"act\":{\"sub\":\"a\",\"iss\":7}}",
	};
	const struct caller *caller;
	size_t		     i;

	CHECK(update(arena_printf(arena, "[%s]",
			 issuer("7", ONE, "k", ec, "{}")),
	    SECOND));
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		caller = verify(tokens_of(ONE, ec, good[i]));
		CHECK(caller != NULL && caller->kind == CALLER_KINDS);
		CHECK(caller != NULL && *caller->actor == '\0');
		CHECK_STR(subject_of(tokens_of(ONE, ec, good[i])).actor,
		    "contact:1");
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(verify(tokens_of(ONE, ec, bad[i])) == NULL);
}

static void
test_each_issuer_says_what_is_right_for_it(void)
{
	static const struct {
		const char *changes, *why;
	} cases[] = {
		{ "{\"aud\":\"d2\"}", NULL },
		{ "{\"aud\":\"casework\"}", "audience" },
		{ "{\"sub\":\"\"}", "subject" },
		{ "{\"sub\":\"a\\nb\"}", "subject" },
		{ "{\"sub\":7}", "subject" },
		{ "{\"scp\":[\"cases:read\",7]}", NULL },
		{ "{\"jti\":null}", NULL },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].changes;
		CHECK((verify(tokens_of(ONE, ec, cases[i].changes)) != NULL) ==
		    (cases[i].why == NULL));
		if (cases[i].why != NULL)
			CHECK_HAS(why, cases[i].why);
	}
	unit_case = "";
	/* The operator's own tokens are as they were, and no other's. */
	CHECK(verify(hs(HS, claims_with("{}"))) != NULL);
	CHECK(verify(hs(HS, claims_with("{\"iss\":\"" ONE "\"}"))) == NULL);
	CHECK_HAS(why, "another issuer");
}

static void
test_an_address_links_only_if_it_is_verified(void)
{
	static const char address[] = "\"email\":\"a@b.example\"";

	CHECK_STR(subject_of(tokens_of(ONE, ec,
				 arena_printf(arena,
				     "{%s,\"email_verified\":true}", address)))
		      .email,
	    "a@b.example");
	CHECK_STR(subject_of(tokens_of(ONE, ec,
				 arena_printf(arena, "{%s}", address)))
		      .email,
	    "");
	CHECK_STR(subject_of(tokens_of(ONE, ec,
				 arena_printf(arena,
				     "{%s,\"email_verified\":\"false\"}",
				     address)))
		      .email,
	    "");
}

static void
test_of_two_with_the_same_kid_the_named_one_is_asked(void)
{
	CHECK(update(arena_printf(arena, "[%s,%s]",
			 issuer("7", ONE, "k", ec, "{}"),
			 issuer("8", TWO, "k", other_ec, "{}")),
	    2 * SECOND));
	CHECK_STR(subject_of(tokens_of(ONE, ec, "{}")).issuer_id, "7");
	CHECK_STR(subject_of(tokens_of(TWO, other_ec, "{}")).issuer_id, "8");
	CHECK(verify(tokens_of(ONE, other_ec, "{}")) == NULL);
	CHECK_HAS(why, "signature is wrong");
	CHECK(verify(tokens_of(TWO, ec, "{}")) == NULL);
	CHECK_HAS(why, "signature is wrong");
	CHECK(verify(tokens_of("https://three.example", ec, "{}")) == NULL);
	CHECK_HAS(why, "key is unknown");
}

static void
test_words_stand_for_scopes(void)
{
	const struct caller *caller;

	CHECK(update(arena_printf(arena, "[%s]",
			 issuer("7", ONE, "k", ec,
			     "{\"scopes\":{\"Support Staff\":[\"cases:read\","
			     "\"cases:write\"],\"r\":[\"cases:read\"]}}")),
	    3 * SECOND));
	caller = verify(tokens_of(ONE, ec,
	    "{\"scope\":\"cases:write r\",\"groups\":[7,\"x\"]}"));
	CHECK(caller != NULL && caller->scopes == read_cases);
	caller = verify(tokens_of(ONE, ec,
	    "{\"scope\":\"\",\"groups\":[\"Support Staff\"]}"));
	CHECK(caller != NULL && caller->scopes == (read_cases | write_cases));
	caller = verify(tokens_of(ONE, ec, "{\"scope\":\"Support Staff\"}"));
	CHECK(caller != NULL && caller->scopes == 0);
}

static void
test_keys_are_looked_up_once_in_half_a_minute(void)
{
	const char *known =
	    arena_printf(arena, "[%s]", issuer("7", ONE, "other", ec, "{}"));
	int64_t at = 100 * SECOND;

	CHECK(update(known, at));
	CHECK(!auth_issuers_want(TWO, at));
	CHECK(auth_issuers_wanted() == NULL && !auth_issuers_waiting(at));
	CHECK(auth_issuers_want(ONE, at));
	CHECK(auth_issuers_waiting(at));
	CHECK_STR(auth_issuers_wanted(), "7");
	CHECK(auth_issuers_wanted() == NULL);
	CHECK(auth_issuers_want(ONE, at + SECOND));
	CHECK(auth_issuers_wanted() == NULL);
	/* Nobody looks. */
	CHECK(!auth_issuers_want(ONE, at + 11 * SECOND));
	CHECK(!auth_issuers_waiting(at + 11 * SECOND));
	CHECK(auth_issuers_want(ONE, at + 30 * SECOND));
	CHECK_STR(auth_issuers_wanted(), "7");
	/* Somebody has, and it is not there. */
	CHECK(update(arena_printf(arena, "[%s]",
			 issuer("7", ONE, "other", ec,
			     "{\"looked_ago\":200,\"wanted_ago\":1200}")),
	    at + 32 * SECOND));
	CHECK(!auth_issuers_want(ONE, at + 32 * SECOND));
	CHECK(!auth_issuers_waiting(at + 32 * SECOND));
	CHECK(auth_issuers_want(ONE, at + 61 * SECOND));
}

static void
test_given_keys_are_not_looked_up(void)
{
	CHECK(update(arena_printf(arena, "[%s]",
			 issuer("7", ONE, "other", ec, "{\"fixed\":true}")),
	    1000 * SECOND));
	CHECK(!auth_issuers_want(ONE, 1000 * SECOND));
}

static void
test_verified_tokens_are_forgotten_when_something_changes(void)
{
	const char *token = tokens_of(ONE, ec, "{}");
	const char *known =
	    arena_printf(arena, "[%s]", issuer("7", ONE, "k", ec, "{}"));

	CHECK(update(known, 2000 * SECOND));
	CHECK(verify(token) != NULL);
	auth_cache_learn(token, strlen(token),
	    &(struct caller){
		.kind = CALLER_STAFF, .id = "1", .identity = "2" });
	CHECK(update(arena_printf(arena, "[%s]",
			 issuer("7", ONE, "k", ec, "{\"looked_ago\":5}")),
	    2001 * SECOND));
	CHECK(verify(token)->kind == CALLER_STAFF);
	CHECK(update(arena_printf(arena, "[%s]",
			 issuer("7", ONE, "k", ec, "{\"email\":false}")),
	    2002 * SECOND));
	CHECK(verify(token)->kind == CALLER_KINDS);
	/* That one does not link by addresses. */
	CHECK_STR(
	    subject_of(
		tokens_of(ONE, ec,
		    "{\"email\":\"a@b.example\",\"email_verified\":true}"))
		.email,
	    "");
	CHECK(update("[]", 2003 * SECOND));
	CHECK(verify(token) == NULL);
	CHECK(!update("{}", 0) && !update("[{}]", 0) && !update("[", 0));
}

int
main(int argc, char **argv)
{
	(void)argc;
	token_start();
	CHECK(auth_issuers_want(ONE, SECOND)); /* nothing was heard yet */
	RUN(test_an_issuers_subject_is_to_be_looked_up);
	RUN(test_who_acts_is_an_issuers_subject_too);
	RUN(test_each_issuer_says_what_is_right_for_it);
	RUN(test_an_address_links_only_if_it_is_verified);
	RUN(test_of_two_with_the_same_kid_the_named_one_is_asked);
	RUN(test_words_stand_for_scopes);
	RUN(test_keys_are_looked_up_once_in_half_a_minute);
	RUN(test_given_keys_are_not_looked_up);
	RUN(test_verified_tokens_are_forgotten_when_something_changes);
	(void)update("[]", 0);
	token_stop();
	return unit_end(argv[0]);
}
