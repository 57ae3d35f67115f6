/*
 * How the threads learn that the worker stops.
 */
#ifndef CASEWORK_STOPPING_H
#define CASEWORK_STOPPING_H

#include <stdbool.h>

/* 0, or -1 with errno set. */
int  stopping_init(void);
void stopping_begin(void);
/* Asked at every turn of every loop: whoever asks is alive (rounds.h). */
bool stopping(void);
/* Can be read once the worker stops, for a poll of one's own. */
int stopping_fd(void);
/*
 * Waits until milliseconds have passed, or there is something to read on fd
 * (-1: none), or the worker stops. Whether fd can be read.
 */
bool stopping_wait(int fd, int milliseconds);

#endif
