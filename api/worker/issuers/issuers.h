/*
 * The thread that fetches the keys of issuers.
 */
#ifndef CASEWORK_ISSUERS_H
#define CASEWORK_ISSUERS_H

#include <stddef.h>

#include "outgoing.h"

struct issuers_settings {
	long			 connections; /* at once; 0: none */
	struct outgoing_settings get;	      /* timeout: of a whole look */
};

/* 0, or -1 with a line in err that names the setting. */
int   issuers_check(struct issuers_settings *, char *err, size_t errlen);
void  issuers_init(const struct issuers_settings *);
void *issuers_run(void *);

#endif
