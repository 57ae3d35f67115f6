/*
 * Statements and the parameters present → texts, the popular ones ready made.
 */
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "popular.h"
#include "variant.h"

static struct popular popular;
static struct kept {
	const struct statement *statement;
	struct statement_set	present;
	struct variant	       *variant;
} kept[VARIANTS_MAX];
static uint64_t last_id;

static struct variant *make(const struct statement *,
    const struct statement_set *);
static void	       drop(struct kept *);

const struct variant *
variant_take(const struct statement *s, struct statement_set present,
    struct arena *arena)
{
	struct {
		struct statement_set	present;
		const struct statement *statement;
	} whole = { statement_set_both(&present, &s->optional), s };
	struct popular_use use;
	struct variant	  *v;
	struct kept	  *k;

	if (popular.places == 0)
		popular_start(&popular, VARIANTS_MAX);
	use = popular_use(&popular,
	    hash_bytes((const char *)&whole, sizeof(whole)) | 1);
	if (use.place >= 0) {
		k = &kept[use.place];
		if (use.is_new) {
			drop(k);
			*k = (struct kept){ s, whole.present,
				make(s, &whole.present) };
			k->variant->place = use.place;
		}
		/* Two of one hash: the text is another one's. */
		if (k->statement == s &&
		    statement_set_same(&k->present, &whole.present)) {
			popular_hold(&popular, use.place);
			return k->variant;
		}
	}
	v = arena_alloc(arena, sizeof(*v));
	v->place = -1;
	v->query.id = 0;
	statement_build(s, &whole.present,
	    arena_alloc(arena, statement_size(s)), v);
	return v;
}

void
variant_give(const struct variant *v)
{
	if (v != NULL && v->place >= 0)
		popular_give(&popular, v->place);
}

void
variant_forget(void)
{
	struct kept *k;

	for (k = kept; k < kept + VARIANTS_MAX; k++)
		drop(k);
	popular_start(&popular, VARIANTS_MAX);
}

static struct variant *
make(const struct statement *s, const struct statement_set *present)
{
	struct variant *v = calloc(1, sizeof(*v));
	char	       *sql = malloc(statement_size(s));

	if (v == NULL || sql == NULL)
		abort();
	statement_build(s, present, sql, v);
	v->query.id = ++last_id;
	return v;
}

static void
drop(struct kept *k)
{
	if (k->variant == NULL)
		return;
	free((char *)(uintptr_t)k->variant->query.sql);
	free(k->variant);
	*k = (struct kept){ 0 };
}
