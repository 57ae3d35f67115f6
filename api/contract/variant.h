/*
 * The texts that statements are sent as. Every combination of parameters that a
 * request carries is a text of its own; those in use are kept, a bounded number
 * of them, and the others made for one request.
 */
#ifndef CASEWORK_VARIANT_H
#define CASEWORK_VARIANT_H

#include "arena.h"
#include "statement.h"

#define VARIANTS_MAX 512 /* that are kept, of a process */

/* One text of a statement: what PostgreSQL gets, with $1, $2, … */
struct variant {
	struct query query;
	/* $n+1 is the statement's parameter params[n] */
	uint8_t params[STATEMENT_PARAMS_MAX];
	int	place; /* where it is kept; -1: in the arena */
};

/*
 * The text for the parameters that are present. It stays until it is given
 * back, and as long as the arena.
 */
const struct variant *variant_take(const struct statement *,
    struct statement_set present, struct arena *);
/* NULL is allowed. */
void variant_give(const struct variant *);
/* Of statements that go: those that are kept, all given back. */
void variant_forget(void);

#endif
