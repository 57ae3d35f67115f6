/*
 * What a reader finds in a file that comes in pieces of a size, as text:
 * "1:a|b 3:c!" are two records, with their lines and fields, the second one
 * with a fault; "broken" and a sentence ends what cannot be read.
 */
#ifndef CASEWORK_IMPORTED_H
#define CASEWORK_IMPORTED_H

#include <stdlib.h>
#include <string.h>

#include "builder.h"
#include "csv.h"
#include "ndjson.h"

static inline const char *
imported_add(struct import_text *text, const char **bytes, size_t *len,
    size_t piece)
{
	size_t	    some = *len < piece ? *len : piece;
	char	   *copy;
	const char *fault;

	if (some == 0)
		return import_text_end(text);
	/* a block of its own, so that sanitizers see its end */
	copy = malloc(some);
	if (copy == NULL)
		abort();
	memcpy(copy, *bytes, some);
	fault = import_text_add(text, copy, some);
	free(copy);
	*bytes += some;
	*len -= some;
	return fault;
}

static inline void
imported_show(struct builder *out, const struct import_record *r)
{
	size_t i;

	builder_printf(out, "%s%d:", out->len > 0 ? " " : "", r->line);
	if (r->fault != NULL)
		builder_add(out, "!");
	else if (r->fields == NULL)
		builder_add_bytes(out, r->text, r->len);
	for (i = 0; r->fault == NULL && i < r->nfields && i < CSV_FIELDS_MAX;
	     i++)
		builder_printf(out, "%s%s", i > 0 ? "|" : "", r->fields[i]);
}

static inline const char *
imported(struct arena *arena, bool is_csv, const char *bytes, size_t len,
    size_t piece)
{
	struct import_text   text;
	struct csv	     csv = { 0 };
	struct ndjson	     ndjson = { 0 };
	struct import_record r = { 0 };
	struct builder	     out = { .arena = arena };
	enum import_found    found = IMPORT_MORE;
	const char	    *fault = NULL;

	import_text_init(&text);
	while (found != IMPORT_END && fault == NULL) {
		found = is_csv ? csv_next(&csv, &text, &r) :
				 ndjson_next(&ndjson, &text, &r);
		if (found == IMPORT_MORE)
			fault = imported_add(&text, &bytes, &len, piece);
		else if (found == IMPORT_RECORD)
			imported_show(&out, &r);
		else if (found == IMPORT_BROKEN)
			fault = r.fault;
	}
	if (fault != NULL)
		builder_printf(&out, " broken: %s", fault);
	import_text_free(&text);
	csv_free(&csv);
	return builder_text(&out);
}

#endif
