/*
 * The thread that asks the database once a second whether it answers and can
 * write, on a connection of its own: the others may be long at work.
 */
#ifndef CASEWORK_READINESS_H
#define CASEWORK_READINESS_H

#include <stdbool.h>
#include <stdio.h>

void *readiness_run(void *);
/*
 * Whether the worker can do its work: the database has answered and written
 * within two seconds, the timers run, and the status page is published. Each
 * check is a line to the stream, unless that is NULL. Asks nobody.
 */
bool readiness(FILE *);

#endif
