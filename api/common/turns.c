/*
 * The keys that wait hang in a list by how many they have running, and in
 * another by how many wait. So whoever is next, and whoever has most, is the
 * first of a list: no step looks at the whole queue.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "share.h"
#include "turns.h"

struct turn_key {
	struct turn_key *next; /* of those that share a hash */
	TAILQ_ENTRY(turn_key) by_running, by_waiting; /* while it waits */
	struct turn_queue own;
	size_t		  running, waiting; /* never both 0 */
	char		  key[SHARE_KEY_MAX];
};

static bool		 make_room(struct turns *, size_t, struct turn **);
static void		 insert(struct turns *, struct turn *);
static void		 set_running(struct turns *, struct turn_key *, size_t);
static void		 set_waiting(struct turns *, struct turn_key *, size_t);
static struct turn_key **find(struct turns *, const char *);
static struct turn_key	*add(struct turns *, const char *);
static void		 forget(struct turns *, struct turn_key *);

void
turns_start(struct turns *t, size_t running, size_t running_each,
    size_t waiting, size_t each)
{
	size_t i;

	assert(running_each <= TURNS_EACH_MAX && each <= TURNS_EACH_MAX);
	*t = (struct turns){
		.running_all = running,
		.running_each = running_each,
		.waiting_all = waiting,
		.each = each,
	};
	TAILQ_INIT(&t->queue);
	for (i = 0; i <= TURNS_EACH_MAX; i++) {
		TAILQ_INIT(&t->by_running[i]);
		TAILQ_INIT(&t->by_waiting[i]);
	}
}

enum turn_answer
turns_join(struct turns *t, struct turn *turn, const char *key,
    struct turn **left)
{
	struct turn_key *k = *find(t, key);

	*left = NULL;
	if (k != NULL && k->running + k->waiting >= t->each)
		return TURN_SHARE;
	if (t->waiting == t->waiting_all &&
	    !make_room(t, k == NULL ? 1 : k->waiting + 1, left))
		return TURN_FULL;
	if (k == NULL)
		k = add(t, key);
	turn->of = k;
	insert(t, turn);
	TAILQ_INSERT_TAIL(&k->own, turn, own);
	set_waiting(t, k, k->waiting + 1);
	return TURN_WAITS;
}

/* The newest call of a key that has more waiting than that leaves. */
static bool
make_room(struct turns *t, size_t count, struct turn **left)
{
	struct turn_key *k;
	size_t		 i;

	for (i = TURNS_EACH_MAX; i > count; i--) {
		k = TAILQ_FIRST(&t->by_waiting[i]);
		if (k != NULL) {
			*left = TAILQ_LAST(&k->own, turn_queue);
			turns_leave(t, *left);
			return true;
		}
	}
	return false;
}

/* Whoever comes last can wait longest, as a rule. */
static void
insert(struct turns *t, struct turn *turn)
{
	struct turn *other;

	TAILQ_FOREACH_REVERSE(other, &t->queue, turn_queue, queue)
	if (other->until <= turn->until)
		break;
	if (other == NULL)
		TAILQ_INSERT_HEAD(&t->queue, turn, queue);
	else
		TAILQ_INSERT_AFTER(&t->queue, other, turn, queue);
}

struct turn *
turns_next(struct turns *t)
{
	struct turn_key *k = NULL;
	struct turn	*turn;
	size_t		 i;

	if (t->running == t->running_all || t->waiting == 0)
		return NULL;
	for (i = 0; i < t->running_each && k == NULL; i++)
		k = TAILQ_FIRST(&t->by_running[i]);
	if (k == NULL)
		return NULL;
	turn = TAILQ_FIRST(&k->own);
	set_running(t, k, k->running + 1);
	turns_leave(t, turn);
	return turn;
}

void
turns_end(struct turns *t, const struct turn *turn)
{
	set_running(t, turn->of, turn->of->running - 1);
	forget(t, turn->of);
}

void
turns_leave(struct turns *t, struct turn *turn)
{
	struct turn_key *k = turn->of;

	TAILQ_REMOVE(&t->queue, turn, queue);
	TAILQ_REMOVE(&k->own, turn, own);
	set_waiting(t, k, k->waiting - 1);
	forget(t, k);
}

struct turn *
turns_late(struct turns *t, uint64_t now)
{
	struct turn *turn = TAILQ_FIRST(&t->queue);

	if (turn == NULL || now < turn->until)
		return NULL;
	turns_leave(t, turn);
	return turn;
}

/* To the end of its new list: who was there before has waited longer. */
static void
set_running(struct turns *t, struct turn_key *k, size_t running)
{
	if (k->waiting > 0) {
		TAILQ_REMOVE(&t->by_running[k->running], k, by_running);
		TAILQ_INSERT_TAIL(&t->by_running[running], k, by_running);
	}
	t->running += running - k->running;
	k->running = running;
}

/* Whose turn it is does not depend on how many wait. */
static void
set_waiting(struct turns *t, struct turn_key *k, size_t waiting)
{
	if (k->waiting == 0)
		TAILQ_INSERT_TAIL(&t->by_running[k->running], k, by_running);
	else
		TAILQ_REMOVE(&t->by_waiting[k->waiting], k, by_waiting);
	if (waiting == 0)
		TAILQ_REMOVE(&t->by_running[k->running], k, by_running);
	else
		TAILQ_INSERT_TAIL(&t->by_waiting[waiting], k, by_waiting);
	t->waiting += waiting - k->waiting;
	k->waiting = waiting;
}

/* Where the key hangs, or would. */
static struct turn_key **
find(struct turns *t, const char *key)
{
	struct turn_key **at =
	    &t->place[hash_bytes(key, strlen(key)) % TURNS_PLACES];

	while (*at != NULL && strcmp((*at)->key, key) != 0)
		at = &(*at)->next;
	return at;
}

static struct turn_key *
add(struct turns *t, const char *key)
{
	struct turn_key **at = find(t, key);
	struct turn_key	 *k = calloc(1, sizeof(*k));

	if (k == NULL)
		abort();
	assert(strlen(key) < sizeof(k->key));
	strcpy(k->key, key);
	TAILQ_INIT(&k->own);
	*at = k;
	return k;
}

/* One that has nothing any more. */
static void
forget(struct turns *t, struct turn_key *k)
{
	struct turn_key **at;

	if (k->running > 0 || k->waiting > 0)
		return;
	at = find(t, k->key);
	*at = k->next;
	free(k);
}
