/*
 * The counts of a process that shares none, and the names of the reasons.
 */
#include "auth_counts.h"

const char *const auth_failure_names[AUTH_FAILURES] = {
	[AUTH_FORM] = "form",
	[AUTH_HEADER] = "header",
	[AUTH_SIGNATURE] = "signature",
	[AUTH_CLAIMS] = "claims",
	[AUTH_EXPIRED] = "expired",
	[AUTH_REPEATED] = "repeated",
	[AUTH_BUSY] = "busy",
	[AUTH_WAIT] = "wait",
};

static struct auth_counts counts;
struct auth_counts	 *auth_counts = &counts;
