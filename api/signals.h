/*
 * Ending on a signal, whenever it comes. Private to main.c.
 */
#ifndef CASEWORK_SIGNALS_H
#define CASEWORK_SIGNALS_H

/*
 * In a process that serves, now and then: a signal may have come before Kore
 * was ready.
 */
void signals_remind(void);
/*
 * In the parent: it looks for signals before it waits, so one that comes in
 * between would wait for the next event. Wakes it every 250 ms. 0, or -1 with
 * errno.
 */
int signals_watch(void);

#endif
