/*
 * How the database knows a session of the engine from one of somebody who has a
 * role's password.
 */
#ifndef CASEWORK_AUTH_ADMISSION_H
#define CASEWORK_AUTH_ADMISSION_H

#include <stddef.h>

#include "auth.h"
#include "query.h"

/* Reads CONTEXT_KEY_FILE: 0, or -1 with a line in err. */
int auth_admission_load(const char *file, char *err, size_t errlen);
/*
 * The proof for the session of the kind's role that was opened so (backends.h),
 * as text of a bytea; QUERY_PROOF_MAX bytes.
 */
void auth_admission_proof(enum caller_kind, const char *opening, char *proof);

/*
 * The proof of what is asked of an identity (rules.identify); it is written to
 * proof (QUERY_PROOF_MAX).
 */
void auth_admission_identity(const struct auth_subject *, char *proof);

#endif
