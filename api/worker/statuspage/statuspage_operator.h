/*
 * What the operator says on the status page when the database is gone.
 */
#ifndef CASEWORK_STATUSPAGE_OPERATOR_H
#define CASEWORK_STATUSPAGE_OPERATOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "statuspage.h"

/* The command `publish --incident ID|new …`; its exit code. */
int statuspage_publish_command(const struct statuspage_settings *, int argc,
    char **argv);

/*
 * Adds an update (incident, title, severity, components, status, text, at) to
 * the snapshot, or says in err why it does not fit.
 */
bool statuspage_apply(json_t *snapshot, const json_t *update, char *err,
    size_t errlen);

#endif
