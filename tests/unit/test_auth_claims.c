/*
 * Unit test of auth_claims.c, by tokens that are signed well.
 */
#include "token.h"

static void
test_claims_are_checked(void)
{
	static const struct {
		const char *changes;
		const char *why; /* NULL: passes */
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
		{ "{\"nbf\":1800000030}", NULL },
		{ "{\"nbf\":1800000031}", "not valid yet" },
		{ "{\"nbf\":\"1\"}", "not valid yet" },
		{ "{\"iat\":1800000030}", NULL },
		{ "{\"exp\":1800086400}", NULL },
		{ "{\"exp\":1800086401}", "longer" },
		{ "{\"exp\":1800086430,\"iat\":1800000030}", NULL },
		{ "{\"exp\":1800086436,\"iat\":1800000031}", "future" },
		{ "{\"iat\":1799913660}", NULL },
		{ "{\"iat\":1799913659}", "longer" },
		{ "{\"iat\":0}", "longer" },
		{ "{\"exp\":253402300799,\"iat\":0}", "longer" },
		{ "{\"iat\":1799999999.25}", NULL },
		{ "{\"iat\":1800000031}", "future" },
		{ "{\"iat\":null}", "issued" },
		{ "{\"iss\":\"https://auth.casework.example/\"}", "issuer" },
		{ "{\"iss\":null}", "issuer" },
		{ "{\"iss\":[\"https://auth.casework.example\"]}", "issuer" },
		{ "{\"aud\":[\"other\",\"casework\"]}", NULL },
		{ "{\"aud\":[\"casework\",\"other\"]}", NULL },
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
		{ "{\"jti\":null}", NULL },
		{ "{\"jti\":\"\"}", "identifier" },
		{ "{\"client_id\":null}", "client" },
		{ "{\"client_id\":5}", "client" },
		{ "{\"client_id\":null,\"azp\":\"portal\"}", NULL },
		{ "{\"client_id\":null,\"appid\":\"portal\"}", NULL },
		{ "{\"client_id\":null,\"cid\":\"\"}", "client" },
		{ "{\"scope\":null}", NULL },
		{ "{\"scope\":\"\"}", NULL },
		{ "{\"scope\":\" cases:read\"}", "scope" },
		{ "{\"scope\":\"cases:read \"}", "scope" },
		{ "{\"scope\":\"a  b\"}", "scope" },
		{ "{\"scope\":\"a\\nb\"}", "scope" },
		{ "{\"scope\":5}", "scope" },
		{ "{\"scope\":[\"cases:read\",5]}", NULL },
		{ "{\"scope\":[\"cases:read a\"]}", NULL },
		{ "{\"scope\":[\"\"]}", NULL },
		{ "{\"scp\":{}}", "scope" },
		{ "{\"act\":{\"sub\":\"partner:1\"}}", NULL },
		{ "{\"act\":{\"sub\":\"public:1\"}}", "actor" },
		{ "{\"act\":{\"sub\":\"nobody\"}}", "actor" },
		{ "{\"act\":{}}", "actor" },
		{ "{\"act\":\"partner:1\"}", "actor" },
	};
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].changes;
		CHECK((verify(hs(HS, claims_with(cases[i].changes))) != NULL) ==
		    (cases[i].why == NULL));
		if (cases[i].why != NULL)
			CHECK_HAS(why, cases[i].why);
	}
	unit_case = "not an object";
	CHECK(verify(hs(HS, "[]")) == NULL);
	CHECK(verify(hs(HS, "{\"sub\":\"contact:1\",\"sub\":\"staff:1\"}")) ==
	    NULL);
	CHECK_HAS(why, "claims");
}

/* As text or as a list, under either name, among any number of others. */
static void
test_scopes_are_found_among_those_of_others(void)
{
	static const char *const granted[] = {
		"{\"scope\":\"cases:read cases:write\"}",
		"{\"scope\":[\"cases:write\",\"cases:read\"]}",
		"{\"scope\":null,\"scp\":\"cases:write cases:read\"}",
		"{\"scope\":null,\"scp\":[\"x\",\"cases:read\",\"cases:write\"]}",
		"{\"scope\":\"cases:read\",\"scp\":[\"cases:write\"]}",
	};
	const struct caller *caller;
	const char	    *many = "";
	size_t		     i;

	for (i = 0; i < sizeof(granted) / sizeof(granted[0]); i++) {
		unit_case = granted[i];
		caller = verify(hs(HS, claims_with(granted[i])));
		CHECK(caller != NULL &&
		    caller->scopes == (read_cases | write_cases));
	}
	for (i = 0; i < 60; i++)
		many = arena_printf(arena, "%sapi://files.%zu/cases ", many, i);
	caller = verify(hs(HS,
	    claims_with(arena_printf(arena, "{\"scope\":\"%scases:read\"}",
		many))));
	CHECK(caller != NULL && caller->scopes == read_cases);
	caller = verify(hs(HS,
	    claims_with("{\"scope\":\"cases cases:reads cases:rea\"}")));
	CHECK(caller != NULL && caller->scopes == 0);
}

static void
test_an_actor_is_kept(void)
{
	const struct caller *caller;

	caller = verify(hs(HS,
	    claims_with(
		"{\"act\":{\"sub\":\"partner:1\",\"act\":{\"sub\":\"x\"}}}")));
	CHECK(caller != NULL);
	if (caller != NULL)
		CHECK_STR(caller->actor, "partner:1");
}

int
main(int argc, char **argv)
{
	(void)argc;
	token_start();
	RUN(test_claims_are_checked);
	RUN(test_scopes_are_found_among_those_of_others);
	RUN(test_an_actor_is_kept);
	token_stop();
	return unit_end(argv[0]);
}
