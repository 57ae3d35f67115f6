/*
 * Sorted by rank. Queues are short: their length is bounded.
 */
#include "turns.h"

void
turns_start(struct turns *t, size_t running, size_t running_each,
    size_t waiting, size_t waiting_each)
{
	*t = (struct turns){
		.waiting = { .all = waiting, .each = waiting_each },
		.running = { .all = running, .each = running_each },
	};
	TAILQ_INIT(&t->queue);
}

bool
turns_join(struct turns *t, struct turn *turn)
{
	struct turn *other;

	turn->rank = share_held(&t->waiting, turn->key) +
	    share_held(&t->running, turn->key);
	if (!share_take(&t->waiting, turn->key, 1))
		return false;
	TAILQ_FOREACH (other, &t->queue, list)
		if (other->rank > turn->rank)
			break;
	if (other == NULL)
		TAILQ_INSERT_TAIL(&t->queue, turn, list);
	else
		TAILQ_INSERT_BEFORE(other, turn, list);
	return true;
}

struct turn *
turns_next(struct turns *t)
{
	struct turn *turn;

	TAILQ_FOREACH (turn, &t->queue, list) {
		if (t->running.taken == t->running.all)
			break;
		if (share_take(&t->running, turn->key, 1)) {
			turns_leave(t, turn);
			return turn;
		}
	}
	return NULL;
}

void
turns_end(struct turns *t, const struct turn *turn)
{
	share_give(&t->running, turn->key, 1);
}

void
turns_leave(struct turns *t, struct turn *turn)
{
	TAILQ_REMOVE(&t->queue, turn, list);
	share_give(&t->waiting, turn->key, 1);
}

struct turn *
turns_late(struct turns *t, uint64_t now)
{
	struct turn *turn;

	TAILQ_FOREACH (turn, &t->queue, list) {
		if (now >= turn->until) {
			turns_leave(t, turn);
			return turn;
		}
	}
	return NULL;
}
