/*
 * Proofs for the database (rules.learn_key in sql/rules/base/context.sql):
 * SHA-384 over the secret that both have and a line that says who it is and
 * until when. Made once for each token that is verified, and kept with the
 * caller.
 */
#include <inttypes.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_proof.h"
#include "secret.h"

#define LINE_MAX_LEN  128
#define CLOCKS_DIFFER 60 /* seconds, between two machines */

/* The secret, and behind it room for the line. */
static unsigned char bytes[SECRET_MAX + LINE_MAX_LEN];
static size_t	     secret_len;

int
auth_proof_load(const char *file, char *err, size_t errlen)
{
	return secret_read(file, bytes, &secret_len, err, errlen);
}

void
auth_proof(struct caller *caller)
{
	unsigned char digest[SHA384_DIGEST_LENGTH];
	char	     *line = (char *)bytes + secret_len, *out = caller->proof;
	int	      len;
	size_t	      i;

	snprintf(caller->until, sizeof(caller->until), "%" PRId64,
	    caller->expires + CLOCKS_DIFFER);
	len = snprintf(line, LINE_MAX_LEN, "%s:%s %s %s",
	    caller_kind_name(caller->kind), caller->id, caller->until,
	    caller->actor);
	if (SHA384(bytes, secret_len + (size_t)len, digest) == NULL)
		abort();
	out += sprintf(out, "\\x");
	for (i = 0; i < sizeof(digest); i++)
		out += sprintf(out, "%02x", digest[i]);
}
