/*
 * The status page and the database.
 */
#ifndef CASEWORK_STATUSPAGE_DATABASE_H
#define CASEWORK_STATUSPAGE_DATABASE_H

#include <stdbool.h>
#include <stddef.h>

#include "statuspage.h"

struct bounded;

/*
 * One turn of the worker, over a connection as casework_worker: imports what
 * the operator has published, reads the feed, publishes it, and records the
 * deliveries. Safe to repeat after any failure.
 */
bool statuspage_run(struct bounded *, const struct statuspage_settings *,
    char *err, size_t errlen);

/* The command `status`: one turn on a connection of its own; its exit code. */
int statuspage_run_command(const struct statuspage_settings *,
    const char *database_url, int argc, char **argv);

#endif
