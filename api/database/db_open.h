/*
 * How a connection comes up. Private to this folder.
 */
#ifndef CASEWORK_DB_OPEN_H
#define CASEWORK_DB_OPEN_H

#include "db_conn.h"

/* Starts to connect to the server whose turn it is; gives up at retry_at. */
void db_open_start(struct db_conn *);
/* The socket of one that connects is ready. */
void db_open_step(struct db_conn *);
/* A result of one that prepares its session. False: it was torn down. */
bool db_open_result(struct db_conn *, PGresult *);
/* One has been torn down: which server is next, and when. */
void db_open_retry(struct db_conn *, bool was_up);

#endif
