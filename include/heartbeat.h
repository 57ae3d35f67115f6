/*
 * The question whether PostgreSQL can write: asked every second by either
 * program on a connection that does nothing else.
 */
#ifndef CASEWORK_HEARTBEAT_H
#define CASEWORK_HEARTBEAT_H

#include <libpq-fe.h>

enum heartbeat {
	HEARTBEAT_OK,
	HEARTBEAT_READ_ONLY,
	HEARTBEAT_DISK_FULL,
	HEARTBEAT_REFUSED, /* for another reason */
	HEARTBEATS
};

/* The transaction: a statement that prepares the other. */
extern const char heartbeat_begin[], heartbeat_sql[];

/* What came of it; only if there is a result at all. */
enum heartbeat heartbeat_of(const PGresult *);

#endif
