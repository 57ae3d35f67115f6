/*
 * Feed, mails and webhooks pass nothing that is under way: a transaction that
 * somebody has forgotten holds all of them up. Who it is PostgreSQL tells only
 * superusers, but for how long the oldest one has been the same, anybody sees.
 */
#ifndef CASEWORK_HORIZON_H
#define CASEWORK_HORIZON_H

#include <stdbool.h>
#include <stdio.h>

#include "bounded.h"

/* Looks, between transactions. False: there was no answer. */
bool horizon_look(struct bounded *);
/* A line about it. */
void horizon_print(FILE *);

#endif
