/*
 * A clock that only goes forward, for durations.
 */
#ifndef CASEWORK_MONOTONIC_H
#define CASEWORK_MONOTONIC_H

#include <stdint.h>
#include <time.h>

/* Microseconds since some moment in the past. */
static inline int64_t
monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

#endif
