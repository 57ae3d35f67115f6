/*
 * Named SQL statements, the files of sql/api. A line ending in "--? name" is
 * part of a statement only when the request carries that parameter: the texts
 * that this makes are its variants (variant.h).
 */
#ifndef CASEWORK_STATEMENT_H
#define CASEWORK_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "query.h"
#include "statement_set.h"

#define STATEMENT_PARAMS_MAX QUERY_PARAMS_MAX

struct variant;

struct statement {
	const char *name;
	size_t	    nparams;
	const char *params[STATEMENT_PARAMS_MAX];
	/* these switch lines on, and are bound only if present */
	struct statement_set optional;
	size_t		     nlines;
	struct line	    *lines;
};

/* Reads all statements. 0, or -1 with a line in err (name and fault). */
int statement_load(const char *text, size_t len, char *err, size_t errlen);
/*
 * Puts a line before and one behind a statement; both end in "--? name" and may
 * use parameters. False if there are too many. The texts must stay.
 */
bool		  statement_enclose(struct statement *, const char *before,
		 const char *behind);
struct statement *statement_find(const char *name);
size_t		  statement_count(void);
struct statement *statement_at(size_t);

/* The text without its optional lines, parameters by name: for psql. */
void statement_print(const struct statement *);

/* Room for any of its texts. */
size_t statement_size(const struct statement *);
/* Writes that of the parameters present; fills in query and params. */
void statement_build(const struct statement *,
    const struct statement_set *present, char *sql, struct variant *);

#endif
