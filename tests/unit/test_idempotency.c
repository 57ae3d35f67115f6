/*
 * Unit test of idempotency.c: the fingerprint of a request tells it from
 * others, and nothing to who has not the secret.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "idempotency.h"
#include "unit.h"

#define SECRET "a secret of at least thirty-two bytes"

static struct arena *arena;

static int
load(const char *secret)
{
	char file[] = "/tmp/casework-unit-XXXXXX", err[256];
	int  fd = mkstemp(file), result;

	CHECK(write(fd, secret, strlen(secret)) == (ssize_t)strlen(secret));
	close(fd);
	result = idempotency_load(file, err, sizeof(err));
	unlink(file);
	return result;
}

static const char *
fingerprint(const char *one, const char *other)
{
	struct idempotency_part parts[] = { { one, strlen(one) },
		{ other, strlen(other) } };

	return idempotency_fingerprint(arena, parts, 2);
}

static void
test_another_request_has_another_fingerprint(void)
{
	const char *of = fingerprint("route_call", "{\"pin\":\"348808\"}");

	CHECK(strlen(of) == 64);
	CHECK_STR(fingerprint("route_call", "{\"pin\":\"348808\"}"), of);
	CHECK(strcmp(fingerprint("route_call", "{\"pin\":\"348809\"}"), of) !=
	    0);
	CHECK(strcmp(fingerprint("route_cal", "l{\"pin\":\"348808\"}"), of) !=
	    0);
}

static void
test_a_fingerprint_is_guessed_with_the_secret_only(void)
{
	char of[65];

	strcpy(of, fingerprint("route_call", "{\"pin\":\"348808\"}"));
	CHECK(load("another secret of thirty-two bytes or more") == 0);
	CHECK(strcmp(fingerprint("route_call", "{\"pin\":\"348808\"}"), of) !=
	    0);
	CHECK(load(SECRET) == 0);
	CHECK_STR(fingerprint("route_call", "{\"pin\":\"348808\"}"), of);
}

static void
test_a_secret_that_is_short_is_refused(void)
{
	char of[65];

	strcpy(of, fingerprint("a", "b"));
	CHECK(load("too short") == -1);
	CHECK_STR(fingerprint("a", "b"), of);
}

int
main(void)
{
	CHECK(load(SECRET) == 0);
	arena = arena_new();
	RUN(test_another_request_has_another_fingerprint);
	RUN(test_a_fingerprint_is_guessed_with_the_secret_only);
	RUN(test_a_secret_that_is_short_is_refused);
	arena_free(arena);
	return unit_end("idempotency");
}
