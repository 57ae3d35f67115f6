/*
 * Messages to PostgreSQL. Private to the files of this folder.
 */
#ifndef CASEWORK_DB_MESSAGE_H
#define CASEWORK_DB_MESSAGE_H

#include "db_state.h"

/* Each connection has it prepared: where it is not the session is another's. */
extern const struct query db_message_alive;

/* Begins the session, and asks what serves it. False: broken. */
bool db_message_start(struct db_conn *);
/* Then: makes it ours, and prepares the begin statement. */
bool db_message_admit(struct db_conn *);
/* All of a call: what has to be prepared, begin, the statement, Sync. */
bool db_message_call(struct db_conn *, struct db_call *);

#endif
