/*
 * What the files of the status feed share. A snapshot is a jansson object:
 * page {id, name, url}, generated_at, stale_after, components [{code, name}],
 * incidents and maintenances (both with updates, oldest first).
 */
#ifndef CASEWORK_STATUS_INTERNAL_H
#define CASEWORK_STATUS_INTERNAL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

struct status_settings;

/* ---- status_model.c: reading a snapshot ---------------------------------- */

/* A text member; "" when it is absent or null. Borrowed. */
const char *status_text(const json_t *, const char *member);
bool	    status_is_open(const json_t *incident);
/* Whether it affects something now: an open incident, running maintenance. */
bool status_is_active(const json_t *incident);
/* Its newest update, or NULL. */
const json_t *status_latest(const json_t *incident);
/* The latest change of anything in it; generated_at when there is nothing. */
const char *status_updated_at(const json_t *snapshot);
/* none, minor, major, critical or maintenance; and its words. */
const char *status_indicator(const json_t *snapshot);
const char *status_description(const char *indicator);
/* Statuspage's word for the state of a component: operational and so on. */
const char *status_of_component(const json_t *snapshot, const char *code);
/* Incidents and maintenance in one list, latest first; a new reference. */
json_t *status_all(const json_t *snapshot);
/* The incident or maintenance of that id, or NULL. */
json_t *status_find(const json_t *snapshot, const char *id);
/* Whether it has everything that rendering needs; else says what is wrong. */
bool status_check(const json_t *snapshot, char *err, size_t errlen);

/* ---- rendering: pure, new references and text ----------------------------- */

json_t *status_json(const json_t *snapshot);
json_t *status_summary_json(const json_t *snapshot);
json_t *status_incident_json(const json_t *snapshot, const json_t *incident);
void	status_atom(FILE *, const json_t *snapshot);
void	status_page(FILE *, const json_t *snapshot);

/* ---- status_snapshot.c: signed text -------------------------------------- */

struct status_key {
	unsigned char secret[4096];
	size_t	      len;
};

bool status_key_load(struct status_key *, const char *file, char *err,
    size_t errlen);
/* {"content": …, "hmac_sha256": "hex"} as text; free() it. */
char *status_sign(const struct status_key *, const json_t *content);
/* The content of a signed text, or NULL with a sentence in err. */
json_t *status_verify(const struct status_key *, const char *text, char *err,
    size_t errlen);

/* ---- status_files.c: the directory ---------------------------------------- */

/* Creates the directory's lock and waits for it; a descriptor, or -1. */
int status_lock(const char *dir, char *err, size_t errlen);
/* The signed snapshot in the directory, or NULL with a sentence in err. */
json_t *status_load(const char *dir, const struct status_key *, char *err,
    size_t errlen);
/* Writes every file of the snapshot; the signed one last. */
bool status_write(const char *dir, const struct status_key *,
    const json_t *snapshot, char *err, size_t errlen);
/* The same if anything has changed or the old files grow stale: 1 when it has
 * written, 0 when nothing was to do, -1 with a sentence in err. Name and
 * address of the page are put into the snapshot. The caller holds the lock. */
int status_refresh(const struct status_settings *, const struct status_key *,
    json_t *snapshot, char *err, size_t errlen);
/* Contents of a file, or NULL with errno; free() it. */
char *status_read(const char *dir, const char *name);

/* ---- status_operator.c: what the operator says ----------------------------- */

/* Adds an update (incident, title, severity, components, status, text, at) to
 * the snapshot, or says in err why it does not fit. */
bool status_apply(json_t *snapshot, const json_t *update, char *err,
    size_t errlen);

#define STATUS_SNAPSHOT "snapshot.json"
#define STATUS_UPDATES	"operator-updates.jsonl"

#endif
