/*
 * Proofs for the database (rules.admit in sql/rules/base/context.sql): SHA-384
 * over the secret that both have and a line that says which session it is.
 */
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_admission.h"
#include "hex.h"
#include "secret.h"

/* "identify", an issuer's id, a subject and an address, with line ends. */
#define LINE_MAX_LEN (32 + 2 * AUTH_SUBJECT_MAX + AUTH_EMAIL_MAX)

_Static_assert(QUERY_PROOF_MAX > 2 + 2 * SHA384_DIGEST_LENGTH,
    "a proof has room for its digest in hex");

/* The secret, and behind it room for the line. */
static unsigned char bytes[SECRET_MAX + LINE_MAX_LEN];
static size_t	     secret_len;

static void prove(char *, int);

int
auth_admission_load(const char *file, char *err, size_t errlen)
{
	return secret_read(file, bytes, &secret_len, err, errlen);
}

void
auth_admission_proof(enum caller_kind kind, const char *opening, char *proof)
{
	prove(proof,
	    snprintf((char *)bytes + secret_len, LINE_MAX_LEN, "casework_%s %s",
		caller_kind_name(kind), opening));
}

void
auth_admission_identity(const struct auth_subject *s, char *proof)
{
	prove(proof,
	    snprintf((char *)bytes + secret_len, LINE_MAX_LEN,
		"identify\n%s\n%s\n%s\n%s", s->issuer_id, s->subject, s->email,
		s->actor));
}

/* By the line that stands behind the secret. */
static void
prove(char *proof, int len)
{
	unsigned char digest[SHA384_DIGEST_LENGTH];

	if (SHA384(bytes, secret_len + (size_t)len, digest) == NULL)
		abort();
	proof = stpcpy(proof, "\\x");
	(void)hex_encode(proof, digest, sizeof(digest));
}
