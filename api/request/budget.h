/*
 * Memory of large bodies, in both directions: bytes that a process holds for
 * its clients, taken as they come. All of it together is BODY_MEMORY at most;
 * a caller gets a quarter of that, the callers of a district half of it, and
 * each at least one of the largest bodies.
 */
#ifndef CASEWORK_BUDGET_H
#define CASEWORK_BUDGET_H

#include <stddef.h>

#include "share.h"

/* What is held for one body. */
struct budget_hold {
	char   caller[SHARE_KEY_MAX];
	char   district[SHARE_KEY_MAX]; /* "": the caller has none */
	size_t bytes;
};

/* largest: of all bodies, in bytes. Call in each process. */
void budget_start(size_t largest);
enum budget {
	BUDGET_HELD,
	BUDGET_SHARE, /* more than one caller may hold */
	BUDGET_FULL   /* others hold it, of the district or everywhere */
};

/* Holds so many bytes in all. */
enum budget budget_hold(struct budget_hold *, size_t bytes);
/* Gives back all that it holds. */
void   budget_give(struct budget_hold *);
size_t budget_taken(void);

#endif
