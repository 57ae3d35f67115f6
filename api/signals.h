/*
 * Ending on a signal, whenever it comes. Private to main.c and kore.c.
 */
#ifndef CASEWORK_ENDING_H
#define CASEWORK_ENDING_H

/* In a worker, now and then: a signal may have come before Kore was ready. */
void ending_remind(void);
/*
 * In the parent: it looks for signals before it waits, so one that comes in
 * between would wait for the next event. Wakes it every 250 ms. 0, or -1 with
 * errno.
 */
int ending_watch(void);

#endif
