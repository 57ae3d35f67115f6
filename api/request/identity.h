/*
 * Who it is that an issuer's token speaks of: asked for once for each token and
 * process, since a caller is found by the caller's kind of connection.
 */
#ifndef CASEWORK_IDENTITY_H
#define CASEWORK_IDENTITY_H

#include "request.h"

/* Sends the question; false after fail(). */
bool identity_ask(struct request *);
/* The value of a parameter of the statement identify, or NULL. */
const char *identity_argument(const struct request *, const char *name);
/* The answer; the caller is known then, or fail() was called. */
void identity_learn(struct request *, const PGresult *);
/* Nobody is linked. */
void identity_refused(struct request *);

#endif
