/*
 * A number that only grows. Who has read it before he looked for work misses
 * no call that came while he looked.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "stopping.h"
#include "wake.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t  said = PTHREAD_COND_INITIALIZER;
static unsigned long   calls;

void
wake_all(void)
{
	pthread_mutex_lock(&lock);
	calls++;
	pthread_cond_broadcast(&said);
	pthread_mutex_unlock(&lock);
}

unsigned long
wake_count(void)
{
	unsigned long n;

	pthread_mutex_lock(&lock);
	n = calls;
	pthread_mutex_unlock(&lock);
	return n;
}

void
wake_wait(unsigned long count, int milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += milliseconds % 1000 * 1000000L;
	if (until.tv_nsec >= 1000000000L) {
		until.tv_nsec -= 1000000000L;
		until.tv_sec++;
	}
	pthread_mutex_lock(&lock);
	while (calls == count && !stopping())
		if (pthread_cond_timedwait(&said, &lock, &until) == ETIMEDOUT)
			break;
	pthread_mutex_unlock(&lock);
}
