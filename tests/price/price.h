/*
 * What a request costs, in steps: the basic blocks of our own code that run
 * while it is read, from the first byte to what would be sent to PostgreSQL or
 * to the client, and what libraries are asked to do meanwhile, by the byte and
 * by the allocation (price_library.c). A stopwatch would measure the machine;
 * steps are the same on each.
 */
#ifndef CASEWORK_PRICE_H
#define CASEWORK_PRICE_H

#include <stddef.h>
#include <stdint.h>

/* What the system does for each read and write, about. */
#define PRICE_SYSTEM_CALL 1000

/* A request costs at most what so many ordinary ones cost, … */
#define PRICE_ORDINARY_MAX 20
/* … where a byte of a body may cost so many times what one of a text costs. */
#define PRICE_BYTE_MAX 5

struct price {
	uint64_t steps;
	uint64_t bytes;	 /* of all allocations */
	int	 status; /* of the answer; 503 stands for PostgreSQL, 0: none */
	size_t	 answer; /* bytes of it */
};

/* Of the request that is being read. */
extern struct price price;

/* Loads the document and all else that a process has at its start. */
void price_start(void);
/*
 * Reads one request out of these bytes, which arrive piece by piece of so many
 * bytes. "Bearer contact" and "Bearer staff" become good tokens.
 */
struct price price_of(const char *bytes, size_t len, size_t piece);
/* What this request may cost: by an ordinary one of the same kind. */
uint64_t price_limit(const char *bytes, size_t len);

/* ---- for price_library.c ---- */
void  price_count(uint64_t steps);
void *price_malloc(size_t);

#endif
