/*
 * A least-frequently-used table that lets in only what is used more than what
 * would have to go (Einziger and others, "TinyLFU", 2017).
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "popular.h"

#define USES_MAX 255
#define PERIOD	 2048 /* uses, until counts are halved */
#define WORTH	 2    /* uses lately, for a place that somebody else has */

static void	count(uint8_t *);
static uint8_t	count_other(struct popular *, uint64_t);
static void	age(struct popular *);
static int	find(const struct popular *, uint64_t);
static int	find_rarest(const struct popular *);
static void	put(struct popular *, int, uint64_t, uint8_t);
static void	take_out(struct popular *, int);
static unsigned hash(uint64_t, unsigned);

void
popular_start(struct popular *p, unsigned places)
{
	assert(places > 0 && places <= POPULAR_PLACES_MAX);
	free(p->place);
	*p = (struct popular){ .places = places,
		.place = calloc(places, sizeof(*p->place)) };
	if (p->place == NULL)
		abort();
}

struct popular_use
popular_use(struct popular *p, uint64_t key)
{
	struct popular_use use = { .place = find(p, key) };
	uint8_t		   uses;

	if (++p->seen == PERIOD)
		age(p);
	if (use.place >= 0) {
		count(&p->place[use.place].uses);
		return use;
	}
	uses = count_other(p, key);
	use.place = find_rarest(p);
	if (use.place < 0)
		return use;
	use.before = p->place[use.place].key;
	if (use.before != 0) {
		if (uses < WORTH || uses <= p->place[use.place].uses)
			return (struct popular_use){ .place = -1 };
		take_out(p, use.place);
	}
	use.is_new = true;
	put(p, use.place, key, uses);
	return use;
}

void
popular_hold(struct popular *p, int place)
{
	p->place[place].held++;
}

void
popular_give(struct popular *p, int place)
{
	assert(p->place[place].held > 0);
	p->place[place].held--;
}

void
popular_drop(struct popular *p, uint64_t key)
{
	int place = find(p, key);

	if (place >= 0)
		take_out(p, place);
}

static void
count(uint8_t *uses)
{
	if (*uses < USES_MAX)
		++*uses;
}

/* At least as often as it was used, since others may have been counted too. */
static uint8_t
count_other(struct popular *p, uint64_t key)
{
	uint8_t *a = &p->others[0][hash(key, POPULAR_OTHERS)];
	uint8_t *b = &p->others[1][hash(key ^ key << 32, POPULAR_OTHERS)];

	count(a);
	count(b);
	return *a < *b ? *a : *b;
}

static void
age(struct popular *p)
{
	unsigned i;

	p->seen = 0;
	for (i = 0; i < p->places; i++)
		p->place[i].uses /= 2;
	for (i = 0; i < POPULAR_OTHERS; i++) {
		p->others[0][i] /= 2;
		p->others[1][i] /= 2;
	}
}

/* Its place, or -1. */
static int
find(const struct popular *p, uint64_t key)
{
	int i = p->first[hash(key, POPULAR_PLACES_MAX)];

	while (i > 0 && p->place[i - 1].key != key)
		i = p->place[i - 1].next;
	return i - 1;
}

/* A free place, or that of the one used least; -1 if all are held. */
static int
find_rarest(const struct popular *p)
{
	int	 rarest = -1;
	unsigned i;

	for (i = 0; i < p->places; i++) {
		if (p->place[i].held > 0)
			continue;
		if (p->place[i].key == 0)
			return (int)i;
		if (rarest < 0 || p->place[i].uses < p->place[rarest].uses)
			rarest = (int)i;
	}
	return rarest;
}

static void
put(struct popular *p, int i, uint64_t key, uint8_t uses)
{
	uint16_t *first = &p->first[hash(key, POPULAR_PLACES_MAX)];

	p->place[i] =
	    (struct popular_place){ .key = key, .uses = uses, .next = *first };
	*first = (uint16_t)(i + 1);
	p->taken++;
}

static void
take_out(struct popular *p, int i)
{
	uint16_t *at = &p->first[hash(p->place[i].key, POPULAR_PLACES_MAX)];

	while (*at != i + 1)
		at = &p->place[*at - 1].next;
	*at = p->place[i].next;
	p->place[i].key = 0;
	p->taken--;
}

/* Fibonacci's: keys may be numbers in a row. */
static unsigned
hash(uint64_t key, unsigned places)
{
	return (unsigned)((key * 0x9e3779b97f4a7c15u) >> 48) % places;
}
