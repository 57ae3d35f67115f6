/*
 * The command line of `casework-worker publish`.
 */
#ifndef CASEWORK_STATUSPAGE_OPTIONS_H
#define CASEWORK_STATUSPAGE_OPTIONS_H

#include <jansson.h>
#include <stddef.h>
#include <time.h>

extern const char statuspage_usage[];

/*
 * The update that the options describe, with an id of its own, for the caller
 * to free; NULL, with the reason in err, where they do not fit together.
 */
json_t *statuspage_options(int argc, char **argv, char *err, size_t errlen);

/* That moment as RFC 3339 writes it. */
json_t *statuspage_time(time_t);

#endif
