/*
 * No index serves all combinations of filters, and which of them is slow
 * depends on the values: a page is found at once if many rows match, and by
 * looking at all of them if none does. So filters begin among the fast, one of
 * each caller at a time, and the others among the slow. A list that is found
 * slow is sent again to the slow ones, where those of the same caller and
 * operation begin for ten seconds: it may have been the database's moment, and
 * not the list.
 */
#include <stdio.h>
#include <string.h>

#include "bucket.h"
#include "monotonic.h"
#include "request.h"
#include "share.h"
#include "slow.h"

#define FILTERS_EACH  1 /* in flight among the fast, of a caller */
#define FOUND_SECONDS 10
#define PLACES	      4096

static bool was_found(const struct request *);
static void write_key(const struct request *, char *);
static bool is_said(const struct request *);
static bool is_list(const struct request *);
static bool is_filtered(const struct request *);

static struct buckets found; /* those found are empty for so long */
static struct shares  filters = { .all = SIZE_MAX, .each = FILTERS_EACH };

enum db_pool
slow_pool(struct request *r)
{
	if (r->op->takes_slow && is_said(r))
		return DB_SLOW;
	if (!is_list(r))
		return r->op->pool;
	if (was_found(r))
		return DB_SLOW;
	if (is_filtered(r)) {
		if (!share_take(&filters, r->call.key, 1))
			return DB_SLOW;
		r->filtering = true;
	}
	return DB_READ;
}

static bool
was_found(const struct request *r)
{
	char key[BUCKET_KEY_MAX];

	if (found.places == 0)
		bucket_start(&found, 1, FOUND_SECONDS, PLACES);
	write_key(r, key);
	return !bucket_has(&found, key, monotonic_us());
}

static void
write_key(const struct request *r, char *key)
{
	snprintf(key, BUCKET_KEY_MAX, "%hu %.55s", (unsigned short)r->op->index,
	    r->call.key);
}

void
slow_found(struct request *r)
{
	char key[BUCKET_KEY_MAX];

	r->call.pool = DB_SLOW;
	if (!is_list(r) || r->asks_district)
		return;
	write_key(r, key);
	(void)bucket_take(&found, key, monotonic_us(), NULL);
}

void
slow_done(struct request *r)
{
	if (r->filtering)
		share_give(&filters, r->call.key, 1);
	r->filtering = false;
}

static bool
is_said(const struct request *r)
{
	const struct parameter *p;
	size_t			i;

	for (i = 0; i < r->op->nparams; i++) {
		p = &r->op->params[i];
		if (p->slow != NULL && r->args[i] != NULL &&
		    (*p->slow == '\0' || strcmp(p->slow, r->args[i]) == 0))
			return true;
	}
	return false;
}

static bool
is_list(const struct request *r)
{
	return r->op->pool == DB_READ && r->op->ncursor > 0;
}

static bool
is_filtered(const struct request *r)
{
	size_t i;

	for (i = 0; i < r->op->nparams; i++)
		if (r->op->params[i].filters && r->args[i] != NULL)
			return true;
	return false;
}
