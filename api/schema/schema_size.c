/*
 * How long the JSON of a value can be that fits a schema, however it is
 * written: every character as an escape, a line of its own for each value.
 */
#include <string.h>

#include "schema_internal.h"

#define CHARACTER_BYTES 12 /* two \u escapes, a surrogate pair; in a form too */
#define ASCII_BYTES	6  /* one */
#define NUMBER_BYTES	24
#define WORD_BYTES	5  /* true, false, null */
#define SPACE_BYTES	64 /* around a value: a line end, its indentation */
#define DEEPEST		16 /* beyond it there is nothing in our documents */

static size_t size(const struct schema *, unsigned);
static size_t own_size(const struct schema *, unsigned);
static size_t string_size(const struct schema *);
static size_t members_size(const struct schema *, unsigned);
static size_t times(size_t, size_t);
static size_t plus(size_t, size_t);
static size_t larger(size_t, size_t);

size_t
schema_json_bytes(const struct schema *s)
{
	return size(s, 0);
}

static size_t
size(const struct schema *s, unsigned depth)
{
	size_t i, all, most = 0;

	if (depth > DEEPEST)
		return SIZE_MAX;
	all = own_size(s, depth);
	if (s->ref != NULL)
		all = larger(all, size(s->ref, depth + 1));
	/* Members may be spread over all of them. */
	for (i = 0; i < s->all_of.count; i++)
		all = plus(all, size(s->all_of.schema[i], depth + 1));
	for (i = 0; i < s->any_of.count; i++)
		most = larger(most, size(s->any_of.schema[i], depth + 1));
	for (i = 0; i < s->one_of.count; i++)
		most = larger(most, size(s->one_of.schema[i], depth + 1));
	return larger(all, most);
}

static size_t
own_size(const struct schema *s, unsigned depth)
{
	size_t all = WORD_BYTES;

	if (s->types & (TYPE_INTEGER | TYPE_NUMBER))
		all = NUMBER_BYTES;
	if (s->types & TYPE_STRING)
		all = larger(all, string_size(s));
	if (s->types & TYPE_ARRAY)
		all = larger(all,
		    s->items == NULL ?
			SIZE_MAX :
			times(s->max_items, size(s->items, depth + 1)));
	if (s->types & TYPE_OBJECT)
		all = larger(all, members_size(s, depth));
	return plus(all, SPACE_BYTES);
}

static size_t
string_size(const struct schema *s)
{
	size_t i, len, longest = 0;

	for (i = 0; i < json_array_size(s->enumeration); i++) {
		len = json_string_length(json_array_get(s->enumeration, i));
		longest = larger(longest, times(len, ASCII_BYTES));
	}
	return longest != 0 ? longest : times(s->max_length, CHARACTER_BYTES);
}

static size_t
members_size(const struct schema *s, unsigned depth)
{
	size_t i, all = s->closed ? 0 : SIZE_MAX;

	for (i = 0; i < s->nproperties && s->closed; i++) {
		all = plus(all,
		    times(strlen(s->properties[i].name), ASCII_BYTES));
		all = plus(all, size(s->properties[i].schema, depth + 1));
	}
	return all;
}

/* SIZE_MAX is without end, and stays so. */
static size_t
times(size_t a, size_t b)
{
	return b != 0 && a > SIZE_MAX / b ? SIZE_MAX : a * b;
}

static size_t
plus(size_t a, size_t b)
{
	return a > SIZE_MAX - b ? SIZE_MAX : a + b;
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}
