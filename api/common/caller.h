/*
 * Who sends a request. The five kinds are five PostgreSQL roles, five sets
 * of policies and five sets of connections (fact 80).
 */
#ifndef CASEWORK_CALLER_H
#define CASEWORK_CALLER_H

#include <stdint.h>

enum caller_kind {
	CALLER_PUBLIC,
	CALLER_CONTACT,
	CALLER_PARTNER,
	CALLER_STAFF,
	CALLER_TELEPHONY,
	CALLER_KINDS
};

#define CALLER_ID_MAX	 20 /* digits of a bigint, and NUL */
#define CALLER_ACTOR_MAX 40 /* kind ":" id */
#define CALLER_KEY_MAX	 40 /* kind ":" id */
#define CALLER_KID_MAX	 129

struct caller {
	enum caller_kind kind;
	char		 id[CALLER_ID_MAX]; /* digits; "" for the public */
	char		 actor[CALLER_ACTOR_MAX]; /* RFC 8693 act, or "" */
	char		 identity[CALLER_ID_MAX]; /* by which it is; or "" */
	char		 actor_identity[CALLER_ID_MAX]; /* by which it acts */
	char		 kid[CALLER_KID_MAX]; /* the key, of an identity */
	uint64_t	 scopes;	      /* bits of scopes.h */
	int64_t		 expires;	      /* unix seconds */
};

/* "contact", "partner", … as in tokens, roles, logs and metrics. */
const char *caller_kind_name(enum caller_kind);
/* "contact:17", where something is counted; to key (CALLER_KEY_MAX). */
void caller_key(const struct caller *, char *key);
/* CALLER_KINDS if there is no such kind. */
enum caller_kind caller_kind_of(const char *name, unsigned long len);
/*
 * "contact:17": a kind but public, a colon, a bigint from 1 without leading
 * zeros, which goes to id (CALLER_ID_MAX). Anything else is CALLER_KINDS.
 */
enum caller_kind caller_subject(const char *sub, unsigned long len, char *id);

#endif
