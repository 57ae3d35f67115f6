/*
 * What the database is shown for a caller that the engine has authenticated.
 */
#ifndef CASEWORK_AUTH_PROOF_H
#define CASEWORK_AUTH_PROOF_H

#include <stddef.h>

#include "caller.h"

/* Reads CONTEXT_KEY_FILE: 0, or -1 with a line in err. */
int auth_proof_load(const char *file, char *err, size_t errlen);
/* Fills proof, from kind, id, actor and expires, which stay as they are. */
void auth_proof(struct caller *);

#endif
