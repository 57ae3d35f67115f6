/*
 * Repr-Digest and Content-Digest (RFC 9530). Here they say the same: nothing
 * that is stored comes with a Content-Encoding or in ranges. Pure.
 */
#ifndef CASEWORK_DIGEST_H
#define CASEWORK_DIGEST_H

#include "arena.h"

#define DIGEST_SHA256_BYTES 32

/*
 * What is claimed → {"sha-256":"hex","sha-512":"hex"}, as text, of those that
 * can be checked; others are passed over beside them, and so are parameters.
 * NULL with a sentence in *fault: malformed, or nothing that can be checked, so
 * that nobody takes for verified what was not.
 */
const char *digest_read(struct arena *, const char *value, const char **fault);
/* "sha-256=:…:" of DIGEST_SHA256_BYTES. */
const char *digest_write(struct arena *, const void *sha256);

#endif
