/*
 * The thread that calls the database's timers, and wakes the others when there
 * may be work for them.
 */
#ifndef CASEWORK_TIMERS_H
#define CASEWORK_TIMERS_H

#include <stdbool.h>

struct timers_settings {
	long seconds; /* between two looks while nobody wakes it */
	long batch;   /* items in one transaction */
};

void  timers_init(const struct timers_settings *);
void *timers_run(void *);
/* Whether PostgreSQL has answered within the last seconds. */
bool timers_ready(void);

#endif
