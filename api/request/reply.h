/*
 * The answer on the wire.
 */
#ifndef CASEWORK_REPLY_H
#define CASEWORK_REPLY_H

#include "request.h"

/* Sends the reply or the problem, writes the log line. */
void request_send(struct request *);
/* The log line and the metrics; status 0: the client left before its answer. */
void request_log(const struct request *, int status);

#endif
