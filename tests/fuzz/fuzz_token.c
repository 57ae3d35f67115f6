/*
 * Any text as a token; and, so that the claims are reached, any header and
 * claims (a NUL between) with a good signature. A token that passes was made
 * with the key's algorithm and names a caller.
 */
#include <openssl/hmac.h>

#include "auth.h"
#include "auth_keys.h"
#include "auth_settings.h"
#include "base64url.h"
#include "fuzz.h"

#define SECRET "0123456789abcdef0123456789abcdef"
#define NOW    1800000000

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static const struct auth_settings lenient = { "allow", 86400 };
	char				  err[256], keys[512], secret[64];

	(void)argc;
	(void)argv;
	auth_configure(&lenient);
	base64url_encode(SECRET, strlen(SECRET), secret);
	snprintf(keys, sizeof(keys),
	    "{\"keys\":[{\"kid\":\"k\",\"alg\":"
	    "\"HS256\",\"secret\":\"%s\"},{\"kid\":\"e\",\"alg\":\"ES256\","
	    "\"public_key\":\"-----BEGIN PUBLIC KEY-----\\n"
	    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEyE7NhbVUxVDDXeQEGgpUV5A8w2H3"
	    "\\n8Yv+vrQ/X/LDPChZKtyBrbDwbX9pAm+ksOD1gB5wcrSqOc7gNgL7Y+gyhg=="
	    "\\n-----END PUBLIC KEY-----\\n\"}]}",
	    secret);
	REQUIRE(auth_load(fuzz_file(keys), "i", "a", err, sizeof(err)) == 0);
	return 0;
}

static void
judge(const char *token, size_t len)
{
	const struct caller *caller;
	const char	    *why;
	char		     id[CALLER_ID_MAX];

	caller = auth_verify(&(struct auth_try){ .token = token,
				 .len = len,
				 .source = "192.0.2.1",
				 .now = NOW },
	    &why);
	REQUIRE((caller == NULL) == (why != NULL));
	if (caller == NULL)
		return;
	REQUIRE(caller->kind > CALLER_PUBLIC && caller->kind < CALLER_KINDS);
	REQUIRE(caller->id[0] >= '1' && caller->id[0] <= '9');
	REQUIRE(caller->expires > NOW);
	REQUIRE(caller->actor[0] == '\0' ||
	    caller_subject(caller->actor, strlen(caller->actor), id) !=
		CALLER_KINDS);
}

static void
judge_signed(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, '\0', size);
	size_t	       header = nul != NULL ? (size_t)(nul - data) : size;
	size_t	       claims = nul != NULL ? size - header - 1 : 0;
	unsigned char  digest[32];
	char	      *token = malloc(size * 2 + 100), *end;

	REQUIRE(token != NULL);
	base64url_encode(data, header, token);
	end = token + strlen(token);
	*end++ = '.';
	base64url_encode(data + size - claims, claims, end);
	end += strlen(end);
	HMAC(EVP_sha256(), SECRET, 32, (unsigned char *)token,
	    (size_t)(end - token), digest, NULL);
	*end++ = '.';
	base64url_encode(digest, sizeof(digest), end);
	judge(token, strlen(token));
	free(token);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	judge((const char *)data, size);
	judge_signed(data, size);
	return 0;
}
