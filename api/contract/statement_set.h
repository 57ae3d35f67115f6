/*
 * A set of a statement's parameters, by their numbers. As large as any
 * statement may have parameters, and a value: it is compared and hashed whole.
 */
#ifndef CASEWORK_STATEMENT_SET_H
#define CASEWORK_STATEMENT_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "query.h"

#define STATEMENT_SET_WORDS ((QUERY_PARAMS_MAX + 63) / 64)

struct statement_set {
	uint64_t word[STATEMENT_SET_WORDS];
};

static inline struct statement_set
statement_set_none(void)
{
	return (struct statement_set){ { 0 } };
}

static inline struct statement_set
statement_set_all(void)
{
	struct statement_set set;

	memset(&set, 0xff, sizeof(set));
	return set;
}

static inline void
statement_set_add(struct statement_set *set, size_t n)
{
	set->word[n / 64] |= (uint64_t)1 << n % 64;
}

static inline struct statement_set
statement_set_only(size_t n)
{
	struct statement_set set = statement_set_none();

	statement_set_add(&set, n);
	return set;
}

static inline bool
statement_set_has(const struct statement_set *set, size_t n)
{
	return set->word[n / 64] >> n % 64 & 1;
}

static inline struct statement_set
statement_set_both(const struct statement_set *a, const struct statement_set *b)
{
	struct statement_set set;
	size_t		     i;

	for (i = 0; i < STATEMENT_SET_WORDS; i++)
		set.word[i] = a->word[i] & b->word[i];
	return set;
}

static inline bool
statement_set_same(const struct statement_set *a, const struct statement_set *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

#endif
