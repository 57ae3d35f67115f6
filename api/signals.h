/*
 * Signals, whenever they come. Private to main.c.
 */
#ifndef CASEWORK_SIGNALS_H
#define CASEWORK_SIGNALS_H

#include <stdbool.h>

/*
 * In a process that serves, now and then: a signal may have come before Kore
 * was ready.
 */
void signals_remind(void);
/* Whether SIGHUP has come since this was last asked: the log is to be opened
 * anew. */
bool signals_hung_up(void);
/*
 * In the parent: it looks for signals before it waits, so one that comes in
 * between would wait for the next event. Wakes it every 250 ms. 0, or -1 with
 * errno.
 */
int signals_watch(void);

#endif
