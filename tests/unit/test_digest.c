/*
 * Unit test of Repr-Digest and Content-Digest, and of the structured fields
 * that they are.
 */
#include <stdlib.h>

#include "digest.h"
#include "unit.h"

#define HELLO "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:"
#define HELLO_HEX \
	"b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"
#define IS_HELLO "{\"sha-256\":\"" HELLO_HEX "\"}"
/* 21 and 22 zeros; 64 bytes of them are 86 letters A */
#define A21  "AAAAAAAAAAAAAAAAAAAAA"
#define A22  A21 "A"
#define LONG "sha-512=:" A22 A22 A21 A21 "==:"
#define ZERO "00000000000000000000000000000000"

static const struct {
	const char *value, *claims; /* NULL: refused */
} digests[] = {
	{ HELLO, IS_HELLO },
	{ " " HELLO " ", IS_HELLO },
	{ "md5=:YQ==:," HELLO, IS_HELLO },
	{ HELLO " ,md5=:YQ==:", IS_HELLO },
	{ HELLO "\t,\tsha=::", IS_HELLO },
	{ "", NULL },
	{ "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:, " HELLO,
	    IS_HELLO },
	{ LONG, "{\"sha-512\":\"" ZERO ZERO ZERO ZERO "\"}" },
	{ LONG ", " HELLO,
	    "{\"sha-256\":\"" HELLO_HEX "\",\"sha-512\":\"" ZERO ZERO ZERO ZERO
	    "\"}" },
	/* parameters say nothing, however they are written */
	{ HELLO ";a", IS_HELLO },
	{ HELLO
	    "; a=1;  b=\"x;y\";*c=?0;d=:YQ==:;e=tok/en;f=-1.5;g=@1;h=%\"%c3%a9\"",
	    IS_HELLO },
	{ HELLO ";a=1, md5=:YQ==:;a", IS_HELLO },
	{ HELLO ";", NULL },
	{ HELLO ";A=1", NULL },
	{ HELLO ";a=", NULL },
	{ HELLO ";a=\"x", NULL },
	{ HELLO ";a=\"\\x\"", NULL },
	{ HELLO ";a=1.", NULL },
	{ HELLO ";a=1234567890123456", NULL },
	{ HELLO ";a=?2", NULL },
	{ HELLO ";a=@1.5", NULL },
	{ HELLO ";a=%\"%C3%A9\"", NULL },
	{ HELLO ";a=%\"%c3%\"", NULL },
	{ HELLO ";a=%\"%c3%28\"", NULL },
	{ HELLO ";a=%\"%e2%28%a1\"", NULL },
	{ HELLO ";a=%\"%c3x\"", NULL },
	{ HELLO ";a=%\"%", NULL },
	{ HELLO " ;a=1", NULL },
	/* none that is checked */
	{ "md5=:YQ==:", NULL },
	{ "sha=:YQ==:, crc32c=:YQ==:", NULL },
	/* no dictionary of byte sequences */
	{ "SHA-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:", NULL },
	{ "Sha-256=::, " HELLO, NULL },
	{ "sha-256", NULL },
	{ "sha-256=", NULL },
	{ "sha-256=:", NULL },
	{ "sha-256=::", NULL },
	{ "sha-256=\"uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=\"", NULL },
	{ "md5=1, " HELLO, NULL },
	{ "md5, " HELLO, NULL },
	{ "md5=:Y Q:, " HELLO, NULL },
	{ HELLO ",", NULL },
	{ HELLO ",," HELLO, NULL },
	{ HELLO "x", NULL },
	{ HELLO " " HELLO, NULL },
	{ "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvze==:", NULL },
	{ "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvz ek=:", NULL },
	{ "sha-256=:uU0nuZNNPgilLlLX2n2r-sSE7_N6U4DukIj3rOLvzek=:", NULL },
	{ "sha-256=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzekx:", NULL },
	{ "sha-256 =:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:", NULL },
	{ "sha-256= :uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:", NULL },
	{ "sha-512=:uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=:", NULL },
	{ HELLO ", sha-512=:YQ==:", NULL },
};

static void
test_digests_are_read(void)
{
	struct arena *arena = arena_new();
	const char   *fault;
	size_t	      i;

	for (i = 0; i < sizeof(digests) / sizeof(digests[0]); i++) {
		unit_case = digests[i].value;
		CHECK_STR(digest_read(arena, digests[i].value, &fault),
		    digests[i].claims);
		CHECK((digests[i].claims == NULL) == (fault != NULL));
	}
	arena_free(arena);
}

static void
test_what_cannot_be_checked_is_told_from_what_cannot_be_read(void)
{
	struct arena *arena = arena_new();
	const char   *fault;

	CHECK(digest_read(arena, "md5=:YQ==:", &fault) == NULL);
	CHECK_HAS(fault, "neither sha-256 nor sha-512");
	CHECK(digest_read(arena, "MD5=:YQ==:", &fault) == NULL);
	CHECK_HAS(fault, "RFC 9530");
	arena_free(arena);
}

static void
test_what_is_written_can_be_read(void)
{
	static const unsigned char zero[DIGEST_SHA256_BYTES];
	struct arena		  *arena = arena_new();
	const char		  *fault;

	CHECK_STR(digest_read(arena, digest_write(arena, zero), &fault),
	    "{\"sha-256\":\"" ZERO ZERO "\"}");
	arena_free(arena);
}

int
main(void)
{
	RUN(test_digests_are_read);
	RUN(test_what_cannot_be_checked_is_told_from_what_cannot_be_read);
	RUN(test_what_is_written_can_be_read);
	return unit_end("digest");
}
