/*
 * The page that a person reads.
 */
#ifndef CASEWORK_STATUSPAGE_HTML_H
#define CASEWORK_STATUSPAGE_HTML_H

#include <jansson.h>
#include <stdio.h>

void statuspage_html(FILE *, const json_t *snapshot);

#endif
