/*
 * Of a list that an operator keeps all or nothing is taken: what is not fit is
 * for them to mend. Of what an issuer publishes the rest is good all the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_jwk.h"
#include "auth_key_list.h"

static const char *read_keys(struct auth_key_list *, const json_t *, unsigned);
static const char *read_key(struct auth_key_list *, const json_t *, unsigned);

struct auth_key_list *
auth_key_list_read(const json_t *array, unsigned number, char *err,
    size_t errlen)
{
	struct auth_key_list *list = calloc(1, sizeof(*list));
	size_t		      count = json_array_size(array);
	const char	     *fault, *kid;

	if (list == NULL)
		abort();
	if (count == 0)
		fault = "must be {\"keys\": […]} with at least one key";
	else if (count > AUTH_KEYS_MAX)
		fault = "has more than 64 keys";
	else
		fault = read_keys(list, array, number);
	if (fault == NULL)
		return list;
	if (list->count == 0)
		snprintf(err, errlen, "%s", fault);
	else {
		kid = list->key[list->count - 1].kid;
		snprintf(err, errlen, "key %zu (kid \"%.64s\"): %s",
		    list->count, kid != NULL ? kid : "", fault);
	}
	auth_key_list_free(list);
	return NULL;
}

/* Returns the fault of the last key that it read, or NULL. */
static const char *
read_keys(struct auth_key_list *list, const json_t *array, unsigned number)
{
	const char *fault;
	json_t	   *entry;
	size_t	    i;

	json_array_foreach (array, i, entry) {
		if (json_object_get(entry, "kty") != NULL &&
		    !auth_jwk_concerns(entry))
			continue;
		fault = read_key(list, entry, number);
		if (fault != NULL)
			return fault;
	}
	return list->count > 0 ? NULL : "has no key for signatures known here";
}

static const char *
read_key(struct auth_key_list *list, const json_t *entry, unsigned number)
{
	struct auth_key *key = &list->key[list->count], *other;
	const char	*fault;

	key->number = number + (unsigned)list->count++;
	fault = auth_key_read(key, entry);
	for (other = list->key; other < key && fault == NULL; other++) {
		if (strcmp(key->kid, other->kid) == 0)
			fault = "this kid is there twice";
	}
	return fault;
}

struct auth_key_list *
auth_key_list_pick(const json_t *array, unsigned number)
{
	struct auth_key_list *list = calloc(1, sizeof(*list));
	struct auth_key	     *key;
	json_t		     *entry;
	size_t		      i;

	if (list == NULL)
		abort();
	json_array_foreach (array, i, entry) {
		if (list->count == AUTH_KEYS_MAX)
			break;
		if (!auth_jwk_concerns(entry) ||
		    read_key(list, entry, number) == NULL)
			continue;
		key = &list->key[--list->count];
		auth_key_free(key);
		*key = (struct auth_key){ 0 };
	}
	return list;
}

void
auth_key_list_free(struct auth_key_list *list)
{
	size_t i;

	for (i = 0; list != NULL && i < list->count; i++)
		auth_key_free(&list->key[i]);
	free(list);
}

const struct auth_key *
auth_key_list_find(const struct auth_key_list *list, const char *kid)
{
	size_t i;

	for (i = 0; list != NULL && i < list->count; i++) {
		if (strcmp(list->key[i].kid, kid) == 0)
			return &list->key[i];
	}
	return NULL;
}
