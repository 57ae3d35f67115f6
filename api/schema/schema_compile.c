/*
 * JSON Schema 2020-12: compiles nodes of our OpenAPI document into struct
 * schema. Each node is compiled once and found again by its address, so
 * recursion through properties and items works. What would be ignored or
 * would go wrong only under load is an error here: a loop of $refs, limits
 * that no value can meet, a default that its own schema refuses.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "schema_compile.h"

/* Every schema compiled so far, newest first. */
static struct schema *compiled;

static int	      check_limits(struct compiler *, const struct schema *);
static int	      check_loops(struct compiler *, struct schema *);
static int	      check_default(struct compiler *, const struct schema *);
static void	      release_node(void *);
static struct schema *writable(const struct schema *);

const struct schema *
schema_compile(const json_t *root, const json_t *node, const char *where,
    char *err, size_t errlen)
{
	struct compiler	     c = { root, arena_new(), err, errlen };
	struct schema	    *before = compiled, *s;
	const struct schema *schema;
	int		     bad;

	schema = schema_compile_node(&c, node, where);
	bad = schema == NULL;
	for (s = compiled; !bad && s != before; s = s->next)
		bad = check_limits(&c, s) == -1 || check_loops(&c, s) == -1;
	/* A default can be tried only when there are no loops. */
	for (s = compiled; !bad && s != before; s = s->next)
		bad = check_default(&c, s) == -1;
	if (bad)
		compiled = before;
	if (compiled == before) /* nothing new, or nothing good */
		arena_free(c.arena);
	return bad ? NULL : schema;
}

const struct schema *
schema_compile_node(struct compiler *c, const json_t *node, const char *where)
{
	struct schema *s;

	for (s = compiled; s != NULL; s = s->next) {
		if (s->node == node)
			return s;
	}
	s = arena_alloc(c->arena, sizeof(*s));
	s->arena = c->arena;
	s->where = arena_strdup(c->arena, where);
	s->max_length = s->max_items = SIZE_MAX;
	if (!json_is_object(node)) {
		schema_refuse(c, s, "a schema must be an object");
		return NULL;
	}
	/* Held, so that its address stays its own. */
	s->node = json_incref(schema_iterable(node));
	arena_defer(c->arena, release_node, schema_iterable(node));
	s->next = compiled;
	compiled = s;
	if (schema_compile_keywords(c, s) == -1)
		return NULL;
	schema_word(s);
	return s;
}

int
schema_refuse(struct compiler *c, const struct schema *s, const char *format,
    ...)
{
	va_list args;

	va_start(args, format);
	snprintf(c->err, c->errlen, "%s: %s", s->where,
	    arena_vprintf(c->arena, format, args));
	va_end(args);
	return -1;
}

static int
check_limits(struct compiler *c, const struct schema *s)
{
	size_t longest = SCHEMA_PATTERN_MAX;

	if (s->pattern != NULL && schema_pattern_linear(s->pattern_text))
		longest = SCHEMA_LINEAR_MAX;
	if (s->min_length > s->max_length || s->min_items > s->max_items)
		return schema_refuse(c, s, "no value meets these limits");
	if (s->pattern != NULL && s->max_length > longest)
		return schema_refuse(c, s,
		    "pattern needs a maxLength of at most %zu", longest);
	if (s->unique_items && s->max_items > SCHEMA_UNIQUE_MAX)
		return schema_refuse(c, s,
		    "uniqueItems needs a maxItems of "
		    "at most %d",
		    SCHEMA_UNIQUE_MAX);
	return 0;
}

/*
 * $ref, allOf, anyOf and oneOf apply to the same value: a way round along
 * them would never end. Depth first; OPEN schemas are on the way here.
 */
static int
check_loops(struct compiler *c, struct schema *s)
{
	const struct schema_group *groups[] = { &s->all_of, &s->any_of,
		&s->one_of };
	size_t			   i, j;

	if (s->walk == DONE)
		return 0;
	if (s->walk == OPEN)
		return schema_refuse(c, s, "refers to itself without end");
	s->walk = OPEN;
	if (s->ref != NULL && check_loops(c, writable(s->ref)) == -1)
		return -1;
	for (i = 0; i < 3; i++) {
		for (j = 0; j < groups[i]->count; j++) {
			if (check_loops(c, writable(groups[i]->schema[j])) ==
			    -1)
				return -1;
		}
	}
	s->walk = DONE;
	return 0;
}

static int
check_default(struct compiler *c, const struct schema *s)
{
	struct schema_faults faults = { .arena = c->arena };

	if (s->default_value == NULL ||
	    schema_check(s, schema_iterable(s->default_value), &faults) == 0)
		return 0;
	return schema_refuse(c, s, "default%s: %s", faults.fault[0].pointer,
	    faults.fault[0].detail);
}

static void
release_node(void *node)
{
	json_decref(node);
}

static struct schema *
writable(const struct schema *s)
{
	return (struct schema *)(uintptr_t)s;
}
