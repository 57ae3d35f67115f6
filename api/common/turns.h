/*
 * A queue in front of something that few can use at once. Whose turn it is
 * depends on what each has running, and so nobody waits behind all that
 * another one has queued: the first of everybody goes before the second of
 * anybody. Among those who have as many running it is the one who has waited
 * longest since that is so; of one key it is the call that came first. Nobody
 * has more than a share, and when the queue is full, it is the longest one in
 * it that gives way.
 */
#ifndef CASEWORK_TURNS_H
#define CASEWORK_TURNS_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TURNS_EACH_MAX 64
#define TURNS_PLACES   256

struct turn_key;

/* One who waits or runs. */
struct turn {
	TAILQ_ENTRY(turn) queue, own; /* of all who wait, of its key's */
	struct turn_key *of;
	uint64_t	 until; /* ms; it does not wait any longer */
};

TAILQ_HEAD(turn_queue, turn);
TAILQ_HEAD(turn_keys, turn_key);

struct turns {
	size_t		  running, running_all, running_each;
	size_t		  waiting, waiting_all;
	size_t		  each;	 /* of a key, running or waiting */
	struct turn_queue queue; /* by until */
	/* The keys that wait, by how many they have. */
	struct turn_keys by_running[TURNS_EACH_MAX + 1];
	struct turn_keys by_waiting[TURNS_EACH_MAX + 1];
	struct turn_key *place[TURNS_PLACES];
};

enum turn_answer {
	TURN_WAITS,
	TURN_SHARE, /* its key has as many as it may have */
	TURN_FULL   /* and nobody has more waiting than its key */
};

/* running_each and each are TURNS_EACH_MAX at most. */
void turns_start(struct turns *, size_t running, size_t running_each,
    size_t waiting, size_t each);
/* left is who had to leave the queue for it, or NULL. */
enum turn_answer turns_join(struct turns *, struct turn *, const char *key,
    struct turn **left);
/* Who may begin now, out of the queue; NULL: nobody who waits. */
struct turn *turns_next(struct turns *);
/* One that turns_next() gave has ended. */
void turns_end(struct turns *, const struct turn *);
/* One that waits leaves. */
void turns_leave(struct turns *, struct turn *);
/* One that has waited too long at now, out of the queue; NULL: none has. */
struct turn *turns_late(struct turns *, uint64_t now);

#endif
