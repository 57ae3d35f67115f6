/*
 * How many tokens were refused, why, and how many signatures that took.
 */
#ifndef CASEWORK_AUTH_COUNTS_H
#define CASEWORK_AUTH_COUNTS_H

#include <stdint.h>

#include "auth_key.h"

enum auth_failure {
	AUTH_FORM,	/* not three parts, too long */
	AUTH_HEADER,	/* its header, its key */
	AUTH_SIGNATURE, /* checked, and wrong */
	AUTH_CLAIMS,	/* signed, and not for this service */
	AUTH_EXPIRED,
	AUTH_REPEATED, /* refused before, looked at no more */
	AUTH_BUSY,
	AUTH_WAIT, /* until the keys of its issuer are known */
	AUTH_FAILURES
};
extern const char *const auth_failure_names[AUTH_FAILURES];

/* What this process has done; goes where auth_counts points. */
struct auth_counts {
	uint64_t checks[AUTH_ALGORITHMS][2]; /* of signatures: wrong, right */
	uint64_t failures[AUTH_FAILURES];
};
extern struct auth_counts *auth_counts;

#endif
