/*
 * A queue in front of something that few can use at once. Nobody uses more of
 * it than a share, and nobody waits behind all that another one has queued:
 * the first of everybody goes before the second of anybody.
 */
#ifndef CASEWORK_TURNS_H
#define CASEWORK_TURNS_H

#include <sys/queue.h>

#include <stdint.h>

#include "share.h"

/* One who waits. The key must stay while it waits. */
struct turn {
	TAILQ_ENTRY(turn) list;
	const char *key;
	size_t	    rank;  /* how many of its key were there when it came */
	uint64_t    until; /* ms; it does not wait any longer */
};

struct turns {
	TAILQ_HEAD(, turn) queue;
	struct shares waiting, running;
};

void turns_start(struct turns *, size_t running, size_t running_each,
    size_t waiting, size_t waiting_each);
/* False if the queue is full for this key. */
bool turns_join(struct turns *, struct turn *);
/* Who may begin now, out of the queue; NULL: nobody who waits. */
struct turn *turns_next(struct turns *);
/* One that turns_next() gave has ended. */
void turns_end(struct turns *, const struct turn *);
/* One that waits leaves. */
void turns_leave(struct turns *, struct turn *);
/* One that has waited too long at now, out of the queue; NULL: none has. */
struct turn *turns_late(struct turns *, uint64_t now);

#endif
