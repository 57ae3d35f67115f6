/*
 * One place for each thread, which only it writes.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "monotonic.h"
#include "rounds.h"

#define THREADS_MAX 80

struct place {
	const char     *name;
	int64_t		patience_us;
	_Atomic int64_t turned_at; /* monotonic_us(); 0: there is no thread */
};

static struct place  places[THREADS_MAX];
static atomic_size_t taken;

static _Thread_local struct place *mine;

void
rounds_begin(const char *name, long seconds)
{
	const size_t place = atomic_fetch_add(&taken, 1);

	if (place >= THREADS_MAX)
		return;
	mine = &places[place];
	mine->name = name;
	mine->patience_us = (int64_t)seconds * 1000000;
	rounds_turn();
}

void
rounds_turn(void)
{
	if (mine != NULL)
		mine->turned_at = monotonic_us();
}

void
rounds_end(void)
{
	if (mine != NULL)
		mine->turned_at = 0;
}

const char *
rounds_overdue(void)
{
	const int64_t now = monotonic_us();
	int64_t	      at;
	size_t	      i;

	for (i = 0; i < THREADS_MAX; i++) {
		at = places[i].turned_at;
		if (at != 0 && now - at > places[i].patience_us)
			return places[i].name;
	}
	return NULL;
}
