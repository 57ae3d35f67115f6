/*
 * The thread that posts to webhooks.
 */
#ifndef CASEWORK_WEBHOOKS_H
#define CASEWORK_WEBHOOKS_H

#include <stddef.h>

#include "outgoing.h"

struct webhooks_settings {
	long			 connections; /* at once; 0: none */
	long			 lease;	      /* seconds */
	struct outgoing_settings post;
};

/* 0, or -1 with a line in err that names the setting. */
int   webhooks_check(struct webhooks_settings *, char *err, size_t errlen);
void  webhooks_init(const struct webhooks_settings *);
void *webhooks_run(void *);

#endif
