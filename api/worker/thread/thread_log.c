/*
 * One event at a time: log.c has a single buffer and knows of no threads.
 */
#include <pthread.h>

#include "log.h"
#include "thread_log.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void
thread_log(const char *event, const char *subject, const char *detail)
{
	pthread_mutex_lock(&lock);
	log_event(event, subject, detail);
	pthread_mutex_unlock(&lock);
}

void
thread_log_reopen(void)
{
	pthread_mutex_lock(&lock);
	log_reopen();
	pthread_mutex_unlock(&lock);
}
