/*
 * Reading a snapshot, which is a jansson object: page {id, name, url},
 * generated_at, stale_after, components [{code, name}], incidents and
 * maintenances (both with updates, oldest first).
 */
#ifndef CASEWORK_STATUSPAGE_MODEL_H
#define CASEWORK_STATUSPAGE_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

/* A text member; "" when it is absent or null. Borrowed. */
const char *statuspage_text(const json_t *, const char *member);
bool	    statuspage_is_open(const json_t *incident);
/* Whether it is tied to the component. */
bool statuspage_names(const json_t *incident, const char *code);
/* Its newest update, or NULL. */
const json_t *statuspage_latest(const json_t *incident);
/* The latest change of anything in it; generated_at when there is nothing. */
const char *statuspage_updated_at(const json_t *snapshot);
/* none, minor, major, critical or maintenance; and its words. */
const char *statuspage_indicator(const json_t *snapshot);
const char *statuspage_description(const char *indicator);
/* Statuspage's word for the state of a component: operational and so on. */
const char *statuspage_component_status(const json_t *snapshot,
    const char					     *code);
/* Incidents and maintenance in one list, latest first; a new reference. */
json_t *statuspage_all(const json_t *snapshot);
/* The incident or maintenance of that id, or NULL. */
json_t *statuspage_find(const json_t *snapshot, const char *id);
/* Whether it has everything that rendering needs; else says what is wrong. */
bool statuspage_check(const json_t *snapshot, char *err, size_t errlen);

#endif
