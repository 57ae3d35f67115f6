/*
 * Whether each thread still comes around: it does when it asks whether to stop
 * (stopping()), which every loop asks at every turn.
 */
#ifndef CASEWORK_ROUNDS_H
#define CASEWORK_ROUNDS_H

/* This thread begins: a turn of its takes at most so many seconds. */
void rounds_begin(const char *name, long seconds);
void rounds_turn(void);
void rounds_end(void);
/* The name of a thread whose turn takes longer; NULL: of none. */
const char *rounds_overdue(void);

#endif
