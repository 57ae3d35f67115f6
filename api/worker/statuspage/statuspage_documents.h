/*
 * The JSON files of the status page, each as a new reference.
 */
#ifndef CASEWORK_STATUSPAGE_DOCUMENTS_H
#define CASEWORK_STATUSPAGE_DOCUMENTS_H

#include <jansson.h>

json_t *statuspage_json(const json_t *snapshot);
json_t *statuspage_summary_json(const json_t *snapshot);
json_t *statuspage_incident_json(const json_t *snapshot, const json_t *of);

#endif
