/*
 * Shares of something: a hash table of those who hold some of it, and no
 * others.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "share.h"

#define SPARE_MAX 256 /* holders that are kept for the next */

struct share_holder {
	struct share_holder *next;
	size_t		     held; /* never 0 */
	char		     key[SHARE_KEY_MAX];
};

static struct share_holder *spare;
static size_t		    nspare;

static size_t		     place(const char *);
static struct share_holder **find(struct shares *, const char *);
static struct share_holder  *add(struct shares *, const char *);

bool
share_take(struct shares *s, const char *key, size_t amount)
{
	struct share_holder *holder = *find(s, key);
	size_t		     held = holder == NULL ? 0 : holder->held;

	if (amount > s->all - s->taken || held > s->each ||
	    amount > s->each - held)
		return false;
	if (amount == 0)
		return true;
	if (holder == NULL)
		holder = add(s, key);
	holder->held += amount;
	s->taken += amount;
	return true;
}

void
share_give(struct shares *s, const char *key, size_t amount)
{
	struct share_holder **at, *holder;

	if (amount == 0)
		return;
	at = find(s, key);
	holder = *at;
	assert(holder != NULL && amount <= holder->held);
	s->taken -= amount;
	holder->held -= amount;
	if (holder->held > 0)
		return;
	*at = holder->next;
	if (nspare == SPARE_MAX) {
		free(holder);
		return;
	}
	holder->next = spare;
	spare = holder;
	nspare++;
}

size_t
share_held(const struct shares *s, const char *key)
{
	const struct share_holder *holder = s->holder[place(key)];

	while (holder != NULL && strcmp(holder->key, key) != 0)
		holder = holder->next;
	return holder == NULL ? 0 : holder->held;
}

static size_t
place(const char *key)
{
	return hash_bytes(key, strlen(key)) % SHARE_PLACES;
}

/* Where the holder hangs, or would. */
static struct share_holder **
find(struct shares *s, const char *key)
{
	struct share_holder **at = &s->holder[place(key)];

	while (*at != NULL && strcmp((*at)->key, key) != 0)
		at = &(*at)->next;
	return at;
}

static struct share_holder *
add(struct shares *s, const char *key)
{
	struct share_holder **at = &s->holder[place(key)];
	struct share_holder  *holder = spare;

	assert(strlen(key) < SHARE_KEY_MAX);
	if (holder == NULL)
		holder = malloc(sizeof(*holder));
	else {
		spare = holder->next;
		nspare--;
	}
	if (holder == NULL)
		abort();
	strcpy(holder->key, key);
	holder->held = 0;
	holder->next = *at;
	*at = holder;
	return holder;
}
