/*
 * The loop of a thread whose jobs are HTTP requests: it leases what is due, has
 * all of it under way at once with one libcurl multi handle, and looks again
 * when one has ended, somebody says that there is work, or half a second has
 * passed. Whoever is slow holds up nobody but himself. It stops once nothing is
 * under way any more.
 */
#ifndef CASEWORK_TRANSFERS_H
#define CASEWORK_TRANSFERS_H

#include <stdbool.h>

#include "outgoing.h"
#include "session.h"

struct transfers {
	const char *name; /* of the jobs, in figures and log */
	/* Begins with the next that is due; false: there is none. */
	bool (*lease)(struct session *);
	/* This transfer is over, or has failed. */
	void (*over)(struct session *, struct outgoing *, CURLcode);
	/* private, but for multi */
	CURLM *multi;
	long   running;
	bool   has_room; /* since it last looked for work */
};

/* Until the worker stops; most at once. */
void transfers_run(struct transfers *, long most);
/* A job has begun, with one transfer or several after another. */
void transfers_begun(struct transfers *);
/* It has ended, and makes room for another. */
void transfers_ended(struct transfers *);

#endif
