/*
 * How often something may be done in a time, for each of many keys: token
 * buckets in a table of fixed size. A key that shares its place with another
 * one takes it over with a full bucket: the table forgets, it never refuses
 * the wrong one.
 */
#ifndef CASEWORK_BUCKET_H
#define CASEWORK_BUCKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BUCKET_KEY_MAX 64 /* bytes, with its NUL */

struct bucket;

struct buckets {
	double	       rate; /* new ones a second */
	double	       most; /* what a full bucket holds */
	size_t	       places;
	struct bucket *bucket;
};

/* What a key has left. */
struct bucket_state {
	double left;  /* less than 1: none */
	double until; /* seconds until there is one more than now */
};

/* most at once, and again within seconds; places is a power of two. */
void bucket_start(struct buckets *, double most, double seconds, size_t places);
/*
 * Takes one, if there is one. now is monotonic, in microseconds. state may be
 * NULL.
 */
bool bucket_take(struct buckets *, const char *key, int64_t now,
    struct bucket_state *);
/* Whether there is one; takes nothing. */
bool bucket_has(struct buckets *, const char *key, int64_t now);

#endif
