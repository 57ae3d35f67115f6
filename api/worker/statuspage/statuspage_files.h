/*
 * The directory of the status page.
 */
#ifndef CASEWORK_STATUSPAGE_FILES_H
#define CASEWORK_STATUSPAGE_FILES_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "statuspage.h"
#include "statuspage_snapshot.h"

#define STATUSPAGE_SNAPSHOT "snapshot.json"
#define STATUSPAGE_UPDATES  "operator-updates.jsonl"

/*
 * Writes the files of a snapshot (JSON text, as rules.statuspage() makes it)
 * to their directory: each atomically, all of them when anything has changed or
 * half of the snapshot's life is over, else none. False with a sentence in err:
 * a setting is missing, the directory cannot be written, the snapshot is not
 * one, or updates of the operator wait for their import, which statuspage_run()
 * does.
 */
bool statuspage_publish(const char *snapshot_json,
    const struct statuspage_settings *, char *err, size_t errlen);

/*
 * Creates the directory's lock and waits for it; a descriptor, or -1. Until it
 * is unlocked this thread makes files as the owner of the directory, or of the
 * snapshot that is there.
 */
int  statuspage_lock(const char *dir, char *err, size_t errlen);
void statuspage_unlock(int lock);
/* The signed snapshot in the directory, or NULL with a sentence in err. */
json_t *statuspage_load(const char *dir, const struct statuspage_key *,
    char *err, size_t errlen);
/* Writes every file of the snapshot; the signed one last. */
bool statuspage_write(const char *dir, const struct statuspage_key *,
    const json_t *snapshot, char *err, size_t errlen);
/*
 * The same if anything has changed or the old files grow stale: 1 when it has
 * written, 0 when nothing was to do, -1 with a sentence in err. Name and
 * address of the page are put into the snapshot. The caller holds the lock.
 */
int statuspage_refresh(const struct statuspage_settings *,
    const struct statuspage_key *, json_t *snapshot, char *err, size_t errlen);
/* Contents of a file, or NULL with errno; free() it. */
char *statuspage_read(const char *dir, const char *name);

#endif
