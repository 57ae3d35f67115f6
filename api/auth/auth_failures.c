/*
 * Junk pays, good tokens do not. Whoever knows a kid can have a signature
 * checked, which costs more than the rest of a request; so what fails is taken
 * from a purse of its source and key, and an empty purse has no more checks.
 *
 * Many sources have many purses. What they fail together is therefore counted
 * too, and beyond it the small purses count: those who failed a few times in
 * the last minute still get theirs, and who never failed is never refused,
 * whatever others do. Each process has its own.
 */
#include <stdio.h>

#include "auth_failures.h"
#include "bucket.h"

#define PLACES 16384

/*
 * Most at once, and in how many seconds again: of a source and key 20 a second,
 * in need 10 a minute; of everybody 500 a second, a fortieth of a core. A whole
 * district may sit behind one address.
 */
static const struct {
	double most, seconds;
} ordinary_size = { 100, 5 }, small_size = { 10, 60 }, all_size = { 500, 1 };

static const char everybody[] = "everybody";

static struct buckets ordinary, small, all;

static void start(void);
static void write_key(char *, const char *, const struct auth_key *);

bool
auth_failures_allow(const char *source, const struct auth_key *key, int64_t at)
{
	char purse[BUCKET_KEY_MAX];

	start();
	write_key(purse, source, key);
	return bucket_has(&ordinary, purse, at) &&
	    (bucket_has(&all, everybody, at) || bucket_has(&small, purse, at));
}

void
auth_failures_add(const char *source, const struct auth_key *key, int64_t at)
{
	char purse[BUCKET_KEY_MAX];

	start();
	write_key(purse, source, key);
	(void)bucket_take(&ordinary, purse, at, NULL);
	(void)bucket_take(&small, purse, at, NULL);
	(void)bucket_take(&all, everybody, at, NULL);
}

static void
start(void)
{
	if (all.places != 0)
		return;
	bucket_start(&ordinary, ordinary_size.most, ordinary_size.seconds,
	    PLACES);
	bucket_start(&small, small_size.most, small_size.seconds, PLACES);
	bucket_start(&all, all_size.most, all_size.seconds, 1);
}

static void
write_key(char *purse, const char *source, const struct auth_key *key)
{
	(void)snprintf(purse, BUCKET_KEY_MAX, "%u %.56s", key->number, source);
}
