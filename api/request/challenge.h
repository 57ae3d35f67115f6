/*
 * Where a client gets the token that it needs.
 */
#ifndef CASEWORK_CHALLENGE_H
#define CASEWORK_CHALLENGE_H

#include "request.h"

/* Bytes that challenge_write() needs besides public_url. */
#define CHALLENGE_MAX 256

/* WWW-Authenticate, if the answer needs one; the end of what was written. */
char *challenge_write(const struct request *, char *);
/* The metadata of a protected resource (RFC 9728 §2), in the arena. */
const char *challenge_metadata(struct request *, size_t *len);

#endif
