/*
 * Verified tokens. Sets of four slots; the key is the whole token, compared
 * in full. The hash (SipHash-2-4, key of this process) only finds the set:
 * nobody can choose tokens that collide, or learn a token from the time a
 * comparison takes, without knowing that key.
 */
#include <openssl/rand.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_cache.h"

#define SETS 2048 /* a power of two */
#define WAYS 4	  /* 8192 tokens in all */

struct slot {
	uint64_t      hash;
	uint64_t      used; /* when, in lookups; 0 = empty */
	char	     *token;
	size_t	      len;
	struct caller caller;
};

static struct slot slots[SETS][WAYS];
static uint64_t	   secret[2];
static uint64_t	   lookups;

static struct slot *find(const char *, size_t, uint64_t);
static struct slot *victim(struct slot *, int64_t);
static uint64_t	    siphash(const char *, size_t);
static uint64_t	    load64(const char *, size_t);
static void	    rounds(uint64_t *, int);

const struct caller *
auth_cache_find(const char *token, size_t len)
{
	struct slot *slot = find(token, len, siphash(token, len));

	if (slot == NULL)
		return NULL;
	slot->used = ++lookups;
	return &slot->caller;
}

const struct caller *
auth_cache_add(const char *token, size_t len, const struct caller *caller,
    int64_t now)
{
	uint64_t     hash = siphash(token, len);
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
	if (RAND_bytes((unsigned char *)secret, sizeof(secret)) != 1) {
		fprintf(stderr, "no random numbers for the token cache\n");
		abort();
	}
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

/* Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012. */
static uint64_t
siphash(const char *text, size_t len)
{
	uint64_t v[4] = { secret[0] ^ 0x736f6d6570736575,
		secret[1] ^ 0x646f72616e646f6d, secret[0] ^ 0x6c7967656e657261,
		secret[1] ^ 0x7465646279746573 };
	uint64_t word;
	size_t	 left;

	for (left = len; left >= 8; left -= 8, text += 8) {
		word = load64(text, 8);
		v[3] ^= word;
		rounds(v, 2);
		v[0] ^= word;
	}
	word = load64(text, left) | (uint64_t)len << 56;
	v[3] ^= word;
	rounds(v, 2);
	v[0] ^= word;
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Byte order does not matter: hashes never leave the process. */
static uint64_t
load64(const char *text, size_t len)
{
	uint64_t word = 0;

	memcpy(&word, text, len);
	return word;
}

static inline uint64_t
rotate(uint64_t x, int bits)
{
	return x << bits | x >> (64 - bits);
}

static void
rounds(uint64_t *v, int count)
{
	while (count-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}
