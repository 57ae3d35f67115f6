/*
 * The time of day, as everybody else on the machine reads it. time() may be a
 * tick behind the clock that stamps rows and tokens, so that a token would be
 * good for a moment after its last second.
 */
#ifndef CASEWORK_WALL_CLOCK_H
#define CASEWORK_WALL_CLOCK_H

#include <time.h>

/* Whole seconds since 1970. */
static inline time_t
wall_clock_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec;
}

#endif
