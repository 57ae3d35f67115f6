/*
 * The districts of contacts, as far as this process has asked for them. Memory
 * is shared out by it, and nothing else: what a contact sees, PostgreSQL says.
 */
#ifndef CASEWORK_DISTRICT_H
#define CASEWORK_DISTRICT_H

#include "caller.h"

/* NULL if it is not known; until the next district_learn() otherwise. */
const char *district_of(const struct caller *);
void	    district_learn(const struct caller *, const char *district_id);

#endif
