/*
 * The last ninety days of a component, as a row of bars.
 */
#ifndef CASEWORK_STATUSPAGE_DAYS_H
#define CASEWORK_STATUSPAGE_DAYS_H

#include <jansson.h>
#include <stdio.h>

/*
 * An SVG with a bar for each day of Central Time up to that of the snapshot,
 * in the tone of the gravest incident that named the component on it, and the
 * days with incidents in words.
 */
void statuspage_days(FILE *, const json_t *snapshot, const char *code);

#endif
