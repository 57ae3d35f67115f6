/*
 * Prometheus metrics in memory that all processes share; any of them answers
 * for all. Labels are operations, caller kinds and statuses, never ids.
 */
#ifndef CASEWORK_METRICS_H
#define CASEWORK_METRICS_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "caller.h"
#include "connection_room.h"
#include "operation.h"

/*
 * Call in the parent, before processes are forked; clients is what each may
 * have at once. 0, or -1 with errno.
 */
int metrics_init(unsigned processes, unsigned clients);
/* Call in each process; slot is 0 … processes - 1. */
void metrics_process(unsigned slot);

/* op is NULL when no operation matched. Times in microseconds. */
void metrics_request(const struct operation *op, enum caller_kind, int status,
    int64_t duration_us, int64_t db_us);
/* A client left before its answer. */
void metrics_abandoned(void);
/* A connection was ended that a client would have kept. */
void metrics_ended(enum connection_end);
/* Present values of this process: clients, bytes, and those of the database. */
void metrics_gauges(unsigned clients, size_t bodies);

/* The text exposition format, version 0.0.4. */
const char *metrics_text(struct arena *, size_t *len);

#endif
