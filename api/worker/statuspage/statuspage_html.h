/*
 * The page that a person reads.
 */
#ifndef CASEWORK_STATUSPAGE_HTML_H
#define CASEWORK_STATUSPAGE_HTML_H

#include <jansson.h>
#include <stdio.h>

/*
 * What TZ has to be, for the desk's Central Time; in full, since there may be
 * no tzdata.
 */
#define STATUSPAGE_TZ "CST6CDT,M3.2.0,M11.1.0"

void statuspage_html(FILE *, const json_t *snapshot);

#endif
