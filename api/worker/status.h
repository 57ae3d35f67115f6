/*
 * The public status feed as static files: status.json, summary.json,
 * incidents/<id>.json, history.atom, index.html, and snapshot.json, the signed
 * source of them all, from which the operator goes on when the database is
 * gone.
 */
#ifndef CASEWORK_STATUS_H
#define CASEWORK_STATUS_H

#include <stdbool.h>
#include <stddef.h>

struct pg_conn;

/* Each of them may be empty. */
struct status_settings {
	const char *directory; /* there are no files without it */
	const char *key_file;  /* a secret of 32 bytes or more */
	const char *url;       /* where the files are served from */
	const char *name;      /* of the page */
};

/*
 * Writes the files of a snapshot (JSON text, as rules.status_feed() makes it)
 * to their directory: each atomically, all of them when anything has changed or
 * half of the snapshot's life is over, else none. False with a sentence in err:
 * a setting is missing, the directory cannot be written, the snapshot is not
 * one, or updates of the operator wait for their import (status_run does it).
 */
bool status_publish(const char *snapshot_json, const struct status_settings *,
    char *err, size_t errlen);

/*
 * One turn of the worker, over a connection as casework_worker: imports what
 * the operator has published, reads the feed, publishes it, and records the
 * deliveries. Safe to repeat after any failure.
 */
bool status_run(struct pg_conn *, const struct status_settings *, char *err,
    size_t errlen);

/*
 * The command `status`: one turn on a connection of its own; its exit code.
 */
int status_once_command(const struct status_settings *,
    const char *database_url, int argc, char **argv);

/* The operator's command, `publish --incident ID|new …`; its exit code. */
int status_command(const struct status_settings *, int argc, char **argv);

#endif
