/*
 * One event at a time: log.c has a single buffer and knows of no threads.
 */
#include <pthread.h>

#include "log.h"
#include "thread_log.h"

void
thread_log(const char *event, const char *subject, const char *detail)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	log_event(event, subject, detail);
	pthread_mutex_unlock(&lock);
}
