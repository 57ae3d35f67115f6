/*
 * Whether systemd's journal reads what is written. It takes a priority from
 * the beginning of a line, as "<3>" for an error (sd-daemon(3)).
 */
#ifndef CASEWORK_JOURNAL_H
#define CASEWORK_JOURNAL_H

#include <stdbool.h>

bool journal_is(int fd);

#endif
