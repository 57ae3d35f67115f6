/*
 * Proofs for the database (rules.admit in sql/rules/base/context.sql): SHA-384
 * over the secret that both have and a line that says which session it is.
 */
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>

#include "auth_admission.h"
#include "secret.h"

#define LINE_MAX_LEN 64

_Static_assert(QUERY_PROOF_MAX > 2 + 2 * SHA384_DIGEST_LENGTH,
    "a proof has room for its digest in hex");

/* The secret, and behind it room for the line. */
static unsigned char bytes[SECRET_MAX + LINE_MAX_LEN];
static size_t	     secret_len;

int
auth_admission_load(const char *file, char *err, size_t errlen)
{
	return secret_read(file, bytes, &secret_len, err, errlen);
}

void
auth_admission_proof(enum caller_kind kind, int pid, char *proof)
{
	unsigned char digest[SHA384_DIGEST_LENGTH];
	int	      len;
	size_t	      i;

	len = snprintf((char *)bytes + secret_len, LINE_MAX_LEN,
	    "casework_%s %d", caller_kind_name(kind), pid);
	if (SHA384(bytes, secret_len + (size_t)len, digest) == NULL)
		abort();
	proof += sprintf(proof, "\\x");
	for (i = 0; i < sizeof(digest); i++)
		proof += sprintf(proof, "%02x", digest[i]);
}
