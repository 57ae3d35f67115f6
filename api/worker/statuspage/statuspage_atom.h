/*
 * The Atom feed of the status page.
 */
#ifndef CASEWORK_STATUSPAGE_ATOM_H
#define CASEWORK_STATUSPAGE_ATOM_H

#include <jansson.h>
#include <stdio.h>

void statuspage_atom(FILE *, const json_t *snapshot);

#endif
