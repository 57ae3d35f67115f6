/*
 * The keys of one issuer, by their kid.
 */
#ifndef CASEWORK_AUTH_KEY_LIST_H
#define CASEWORK_AUTH_KEY_LIST_H

#include <stddef.h>

#include "auth_key.h"

#define AUTH_KEYS_MAX 64 /* every token looks through them */

struct auth_issuer;

struct auth_key_list {
	size_t		count;
	struct auth_key key[AUTH_KEYS_MAX];
};

/*
 * Reads the array; what is a JWK for something else is passed over. The list,
 * to be freed, or NULL with a fault in err: it names a kid and nothing else of
 * the entry. Keys are counted from that number on (auth_key.number).
 */
struct auth_key_list *auth_key_list_read(const json_t *array, unsigned number,
    char *err, size_t errlen);
/* Those of the JWKs that are fit; perhaps none. */
struct auth_key_list *auth_key_list_pick(const json_t *array, unsigned number);
void		      auth_key_list_free(struct auth_key_list *);
/* NULL: it has none of that kid. list may be NULL. */
const struct auth_key *auth_key_list_find(const struct auth_key_list *,
    const char *kid);

#endif
