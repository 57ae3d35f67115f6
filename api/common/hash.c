/*
 * SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF",
 * 2012).
 */
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"

static uint64_t secret[2];
static bool	seeded;

static void	seed(void);
static uint64_t load64(const char *, size_t);
static void	rounds(uint64_t *, int);

uint64_t
hash_bytes(const char *text, size_t len)
{
	uint64_t v[4], word;
	size_t	 left;

	if (!seeded)
		seed();
	v[0] = secret[0] ^ 0x736f6d6570736575;
	v[1] = secret[1] ^ 0x646f72616e646f6d;
	v[2] = secret[0] ^ 0x6c7967656e657261;
	v[3] = secret[1] ^ 0x7465646279746573;
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

static void
seed(void)
{
	if (RAND_bytes((unsigned char *)secret, sizeof(secret)) != 1) {
		fprintf(stderr, "no random numbers for hashes\n");
		abort();
	}
	seeded = true;
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
