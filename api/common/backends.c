/*
 * A role sees its own sessions in pg_stat_activity, and those of no other. A
 * server that is not the one where they were left has none of them.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "backends.h"

const char backends_ask[] =
    "select k from (select " BACKENDS_KEY
    " from pg_catalog.pg_stat_activity a) as s (k) where k = any ($1::text[])";

static bool is_named(const PGresult *, const char *);

void
backends_add(struct backends *b, const struct backend *backend)
{
	b->keys = realloc(b->keys, (b->n + 1) * sizeof(*b->keys));
	if (b->keys == NULL)
		abort();
	memcpy(b->keys[b->n++], backend->key, sizeof(*b->keys));
}

/* An array; the keys are made of digits, a point and an at sign. */
char *
backends_list(const struct backends *b)
{
	char  *list = malloc(b->n * (BACKENDS_KEY_MAX + 1) + 3), *end = list;
	size_t i;

	if (list == NULL)
		abort();
	*end++ = '{';
	for (i = 0; i < b->n; i++) {
		if (i > 0)
			*end++ = ',';
		end = stpcpy(end, b->keys[i]);
	}
	(void)stpcpy(end, "}");
	return list;
}

void
backends_keep(struct backends *b, const PGresult *result)
{
	size_t i, kept = 0;

	for (i = 0; i < b->n; i++)
		if (is_named(result, b->keys[i]))
			memmove(b->keys[kept++], b->keys[i], sizeof(*b->keys));
	b->n = kept;
}

static bool
is_named(const PGresult *result, const char *key)
{
	int i;

	for (i = 0; i < PQntuples(result); i++)
		if (strcmp(PQgetvalue(result, i, 0), key) == 0)
			return true;
	return false;
}
