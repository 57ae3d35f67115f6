/*
 * How a program says on standard error why it does not start.
 */
#ifndef CASEWORK_COMPLAIN_H
#define CASEWORK_COMPLAIN_H

/* Returns the exit code. */
int complain(const char *why);

#endif
