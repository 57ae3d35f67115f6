/*
 * Who issues tokens: the operator by KEYS_FILE, and the issuers that stand in
 * the database (rules.known_issuers), which this process learns of by asking.
 */
#ifndef CASEWORK_AUTH_ISSUERS_H
#define CASEWORK_AUTH_ISSUERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auth_key_list.h"
#include "caller.h"

struct auth_issuer {
	char	    id[CALLER_ID_MAX]; /* "": of KEYS_FILE */
	const char *name;	       /* as in iss */
	/* arrays of text */
	const json_t *audiences, *token_types, *scope_claims;
	const json_t *scopes; /* what its words mean, or NULL: ours */
	bool	      email;  /* links by verified addresses */
	bool	      fixed;  /* its keys are given by hand */
	/* private */
	json_t		     *json;
	struct auth_key_list *keys;
	int64_t looked_at; /* monotonic us; when its keys were looked up */
	int64_t wanted_at; /* when one was not among them */
	bool	wanted;	   /* and nobody was told yet */
};

/* What the operator says of itself; the texts are copied. */
void auth_issuers_own(const char *name, const char *audience);
/* Takes the list over; verified tokens are forgotten. */
void auth_issuers_own_keys(struct auth_key_list *);

/*
 * The answer of the database, at a monotonic time. Verified tokens are
 * forgotten where an issuer or a key has changed. False: it makes no sense, and
 * what was known stays.
 */
bool auth_issuers_update(const char *json, size_t len, int64_t at);

/*
 * The key of that kid, of the issuer of that name or, if that is NULL, of any.
 * count says how many have one; only if it is 1 there is a key.
 */
const struct auth_key *auth_issuers_key(const char *kid, const char *name,
    size_t *count);
/*
 * A token names that issuer, and a key that is not known. True: it is worth to
 * try again in a second, since the keys are being looked up, or nothing was
 * heard from the database yet. After that, for half a minute, it is not.
 */
bool auth_issuers_want(const char *name, int64_t at);
/* The id of an issuer whose keys are to be looked up, each once; or NULL. */
const char *auth_issuers_wanted(void);
/* Whether some are being looked up. */
bool auth_issuers_waiting(int64_t at);

/* The names, in no order; NULL behind the last. */
const char *auth_issuers_name(size_t index);

#endif
