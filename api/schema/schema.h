/*
 * JSON Schema 2020-12, the closed list of keywords that our document uses,
 * compiled once at start-up and run over jansson values. An unknown keyword
 * is an error of the document, found before the first request.
 */
#ifndef CASEWORK_SCHEMA_H
#define CASEWORK_SCHEMA_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

#define SCHEMA_FAULTS_MAX 20

struct schema;

/* All text lives in the arena (or is static). */
struct schema_fault {
	const char *pointer; /* RFC 6901, "" is the whole value */
	const char *code;    /* keyword that failed: "maxLength" */
	const char *detail;  /* a sentence with the allowed values */
};

struct schema_faults {
	struct arena	   *arena;    /* set by the caller */
	bool		    reworded; /* set by schema_check() */
	size_t		    count;
	struct schema_fault fault[SCHEMA_FAULTS_MAX];
};

/*
 * Compiles node of the document root ($ref is resolved within it, recursion
 * allowed). The root is what json_parse_strict() has read, as values are: 2.0
 * is an integer in both. Lives as long as the process. NULL with a line in err
 * that names the place and the fault. where is the JSON Pointer of node, for
 * messages.
 */
const struct schema *schema_compile(const json_t *root, const json_t *node,
    const char *where, char *err, size_t errlen);

/*
 * Appends to the faults, of which SCHEMA_FAULTS_MAX are kept. Returns how many
 * this call found; those that are not kept cost no more than being counted.
 * A time that PostgreSQL would not read as it is meant is put into other words
 * in the value: reworded is true then.
 */
size_t schema_check(const struct schema *, json_t *value,
    struct schema_faults *);

/*
 * Checks the text of a path, query or header parameter: the text is read as
 * the schema's type (integer, number, boolean, string). On success *text_out is
 * what PostgreSQL gets. Returns the number of faults, all with the pointer "".
 */
size_t schema_check_text(const struct schema *, const char *text,
    struct schema_faults *, const char			  **text_out);

/*
 * The same of a list, given as the texts of its items; PostgreSQL gets an array
 * literal with every element quoted. Faults name the item.
 */
size_t schema_check_items(const struct schema *, const char *const *items,
    size_t count, struct schema_faults *, const char **text_out);

/* Whether a schema is one of lists, and what their items may hold. */
enum schema_list {
	SCHEMA_NO_LIST,
	SCHEMA_LIST_WITHOUT_COMMAS, /* of numbers, or of words of a list */
	SCHEMA_LIST_OF_TEXTS
};

/* max: maxItems, SIZE_MAX if there is none. */
enum schema_list schema_list(const struct schema *, size_t *max);

/*
 * The strings of a form → what the schema says they are: integers, numbers and
 * booleans; a field left empty is absent, one that may be left empty also when
 * nothing in it can be seen. What cannot be read stays a string,
 * for schema_check() to refuse. Changes the object.
 */
void schema_read_form(const struct schema *, json_t *object);

/*
 * What a column of a table stands for: a member of the schema, or one of an
 * object in it, as "technical_team.email". NULL if there is none, or if it is
 * an object.
 */
const struct schema *schema_column(const struct schema *, const char *name);
/*
 * A cell of it, which is not empty, as a value of the schema's type: a list is
 * a|b, with blanks or without, null is null where that may be, 1,234 an
 * integer. What cannot be read stays a string, for schema_check() to refuse. A
 * new reference.
 */
json_t *schema_read_cell(const struct schema *, const char *text);
/* The format of its text: "date"; "" if it has none. */
const char *schema_column_format(const struct schema *);

/* maxLength: of a text in characters, of bytes in bytes; SIZE_MAX if none. */
size_t schema_max_length(const struct schema *);

/* How many bytes the JSON of a good value can have; SIZE_MAX: without end. */
size_t schema_json_bytes(const struct schema *);

/* The schema's default as parameter text, in the arena; NULL if none. */
const char *schema_default_text(const struct schema *, struct arena *);

#endif
