/*
 * Verified tokens. Sets of four slots; the key is the whole token, compared
 * in full. The hash, whose key is a secret, only finds the set: so nobody can
 * learn a token from the time that a comparison takes. Who has very many good
 * tokens drives out those of others, which costs these one check each.
 *
 * Of refused tokens there is only the hash, since anybody may send them: a good
 * token is taken for one of them once in 2^64.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "auth_cache.h"
#include "hash.h"

#define SETS	2048 /* a power of two */
#define WAYS	4    /* 8192 tokens in all */
#define REFUSED 4096 /* a power of two */

struct slot {
	uint64_t      hash;
	uint64_t      used; /* when, in lookups; 0 = empty */
	char	     *token;
	size_t	      len;
	struct caller caller;
};

static struct slot slots[SETS][WAYS];
static uint64_t	   lookups;
static struct {
	uint64_t    hash;
	const char *why; /* NULL = empty */
} refused[REFUSED];

static struct slot *find(const char *, size_t, uint64_t);
static struct slot *victim(struct slot *, int64_t);

const struct caller *
auth_cache_find(const char *token, size_t len, const char **why)
{
	uint64_t     hash = hash_bytes(token, len);
	struct slot *slot = find(token, len, hash);

	if (slot != NULL) {
		slot->used = ++lookups;
		return &slot->caller;
	}
	if (refused[hash % REFUSED].hash == hash)
		*why = refused[hash % REFUSED].why;
	return NULL;
}

const struct caller *
auth_cache_add(const char *token, size_t len, const struct caller *caller,
    int64_t now)
{
	uint64_t     hash = hash_bytes(token, len);
	struct slot *slot = victim(slots[hash % SETS], now);
	char	    *copy = malloc(len + 1);

	if (copy == NULL)
		abort();
	memcpy(copy, token, len);
	copy[len] = '\0';
	free(slot->token);
	*slot = (struct slot){ .hash = hash,
		.used = ++lookups,
		.token = copy,
		.len = len,
		.caller = *caller };
	return &slot->caller;
}

void
auth_cache_learn(const char *token, size_t len, const struct caller *known)
{
	struct slot  *slot = find(token, len, hash_bytes(token, len));
	struct caller caller;

	if (slot == NULL)
		return;
	caller = *known;
	memcpy(caller.kid, slot->caller.kid, sizeof(caller.kid));
	caller.scopes = slot->caller.scopes;
	caller.expires = slot->caller.expires;
	slot->caller = caller;
}

void
auth_cache_refuse(const char *token, size_t len, const char *why)
{
	uint64_t hash = hash_bytes(token, len);

	refused[hash % REFUSED].hash = hash;
	refused[hash % REFUSED].why = why;
}

void
auth_cache_clear(void)
{
	struct slot *slot;
	size_t	     i;

	/* Slots never used are not written: their memory costs nothing. */
	for (i = 0; i < SETS * WAYS; i++) {
		slot = &slots[i / WAYS][i % WAYS];
		if (slot->used == 0)
			continue;
		free(slot->token);
		*slot = (struct slot){ 0 };
	}
	memset(refused, 0, sizeof(refused));
}

static struct slot *
find(const char *token, size_t len, uint64_t hash)
{
	struct slot *set = slots[hash % SETS];
	int	     i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].used != 0 && set[i].hash == hash &&
		    set[i].len == len && memcmp(set[i].token, token, len) == 0)
			return &set[i];
	}
	return NULL;
}

/* An empty slot, else an expired one, else the one longest unused. */
static struct slot *
victim(struct slot *set, int64_t now)
{
	struct slot *oldest = set;
	int	     i;

	for (i = 0; i < WAYS; i++) {
		if (set[i].used == 0 || set[i].caller.expires <= now)
			return &set[i];
		if (set[i].used < oldest->used)
			oldest = &set[i];
	}
	return oldest;
}
