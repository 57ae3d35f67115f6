/*
 * What start-up needs of settings that name something: each 0, or -1 with a
 * line in err that names the setting. Private to main.c.
 */
#ifndef CASEWORK_START_H
#define CASEWORK_START_H

#include <stddef.h>

/* The document and the statements: embedded, or of the files that are named. */
int start_contract(char *err, size_t errlen);
int start_keys(char *err, size_t errlen);
int start_cursor_key(char *err, size_t errlen);
int start_context_key(char *err, size_t errlen);
/* Only whether it can be understood: the database may come later. */
int start_database(char *err, size_t errlen);
int start_log(char *err, size_t errlen);
/*
 * Makes PID_FILE, into which Kore writes, and holds a lock on it until this
 * process and those that serve have ended: another one would write its id over
 * ours, and remove the file at its end.
 */
int start_pid_file(char *err, size_t errlen);

#endif
