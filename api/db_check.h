/*
 * What `casework check` asks the database.
 */
#ifndef CASEWORK_DB_CHECK_H
#define CASEWORK_DB_CHECK_H

/*
 * Prepares every operation's statement, with each of its optional parameters,
 * under every role that may call it. 0, or -1 with lines on stderr.
 */
int db_check(void);

#endif
