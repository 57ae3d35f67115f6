/*
 * How the threads learn that the worker ends.
 */
#ifndef CASEWORK_WORKER_ENDING_H
#define CASEWORK_WORKER_ENDING_H

#include <stdbool.h>

/* 0, or -1 with errno set. */
int  ending_init(void);
void ending_begin(void);
bool ending(void);
/*
 * Waits until milliseconds have passed, or there is something to read on fd
 * (-1: none), or the worker ends. Whether fd can be read.
 */
bool ending_wait(int fd, int milliseconds);

#endif
