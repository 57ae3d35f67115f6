/*
 * Threads that wait for work, and whoever has just made some. Which work it is
 * nobody says: each thread looks at its own queue.
 */
#ifndef CASEWORK_WAKE_H
#define CASEWORK_WAKE_H

/* There may be work for every thread. */
void wake_all(void);
/* How often that was said; read it before looking for work. */
unsigned long wake_count(void);
/*
 * Waits until it is said more often than that, milliseconds have passed, or
 * the worker stops.
 */
void wake_wait(unsigned long count, int milliseconds);

#endif
