/*
 * Token buckets, filled by the time that has passed when one looks.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "bucket.h"
#include "hash.h"

struct bucket {
	double	left;
	int64_t at;		     /* monotonic, us */
	char	key[BUCKET_KEY_MAX]; /* "" is nobody's */
};

static struct bucket *look(struct buckets *, const char *, int64_t);

void
bucket_start(struct buckets *b, double most, double seconds, size_t places)
{
	free(b->bucket);
	*b = (struct buckets){ .rate = most / seconds,
		.most = most,
		.places = places,
		.bucket = calloc(places, sizeof(struct bucket)) };
	if (b->bucket == NULL)
		abort();
}

bool
bucket_take(struct buckets *b, const char *key, int64_t now,
    struct bucket_state *state)
{
	struct bucket *bucket = look(b, key, now);
	bool	       one = bucket->left >= 1;

	if (one)
		bucket->left--;
	if (state != NULL) {
		state->left = bucket->left;
		state->until =
		    ((double)(int64_t)bucket->left + 1 - bucket->left) /
		    b->rate;
	}
	return one;
}

bool
bucket_has(struct buckets *b, const char *key, int64_t now)
{
	return look(b, key, now)->left >= 1;
}

/* The bucket of the key, filled up to now. */
static struct bucket *
look(struct buckets *b, const char *key, int64_t now)
{
	size_t	       len = strlen(key);
	struct bucket *bucket =
	    &b->bucket[hash_bytes(key, len) & (b->places - 1)];

	assert(len < BUCKET_KEY_MAX);
	if (strcmp(bucket->key, key) != 0) {
		memcpy(bucket->key, key, len + 1);
		bucket->left = b->most;
	} else
		bucket->left += (double)(now - bucket->at) / 1e6 * b->rate;
	if (bucket->left > b->most)
		bucket->left = b->most;
	bucket->at = now;
	return bucket;
}
