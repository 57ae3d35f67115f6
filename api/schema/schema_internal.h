/*
 * What a compiled schema is made of. Shared by schema_compile.c, which
 * compiles, schema_check.c and schema_text.c, which check, schema_format.c and
 * schema_time.c and schema_pattern.c.
 */
#ifndef CASEWORK_SCHEMA_INTERNAL_H
#define CASEWORK_SCHEMA_INTERNAL_H

#include <regex.h>
#include <stdbool.h>
#include <stdint.h>

#include "schema.h"

/* A pattern runs over at most this many characters (of which the second is
 * for those that take linear time), uniqueItems over so many items: both are
 * work that the sender of a request chooses. */
#define SCHEMA_PATTERN_MAX 4096
#define SCHEMA_LINEAR_MAX  65536
#define SCHEMA_UNIQUE_MAX  256

enum {
	TYPE_NULL = 1 << 0,
	TYPE_BOOLEAN = 1 << 1,
	TYPE_INTEGER = 1 << 2,
	TYPE_NUMBER = 1 << 3, /* an integer value has both bits */
	TYPE_STRING = 1 << 4,
	TYPE_ARRAY = 1 << 5,
	TYPE_OBJECT = 1 << 6
};

struct schema_type {
	const char *name; /* in the document */
	const char *noun; /* for people: "an integer" */
	unsigned    bit;
};

#define SCHEMA_TYPES 7
extern const struct schema_type schema_types[SCHEMA_TYPES];

struct schema_format {
	const char *name;
	bool (*valid)(const char *, size_t);
	const char *detail;
	/* Of texts, instead: NULL, or a sentence about what is wrong. A pattern
	   beside it tells readers the same. */
	const char *(*text_fault)(const char *);
	/*
	 * Whether PostgreSQL has to be told a valid text in other words, which
	 * are then in out, of SCHEMA_PLAIN_MAX bytes; NULL: never.
	 */
	bool (*plain)(const char *, size_t, char *out);
};

#define SCHEMA_PLAIN_MAX 32

struct schema_property {
	const char	    *name;
	const struct schema *schema; /* NULL: only required */
	bool		     required;
};

/* allOf, anyOf or oneOf. */
struct schema_group {
	size_t		      count;
	const struct schema **schema;
};

/* Keywords whose faults are always told in the same words. */
enum schema_rule {
	RULE_TYPE,
	RULE_ENUM,
	RULE_CONST,
	RULE_MIN_LENGTH,
	RULE_MAX_LENGTH,
	RULE_PATTERN,
	RULE_MINIMUM,
	RULE_MAXIMUM,
	RULE_EXCLUSIVE_MINIMUM,
	RULE_EXCLUSIVE_MAXIMUM,
	RULE_MIN_ITEMS,
	RULE_MAX_ITEMS,
	RULE_MIN_PROPERTIES,
	SCHEMA_RULES
};

/* As the document calls them. */
extern const char *const schema_rules[SCHEMA_RULES];

struct schema {
	struct schema *next;  /* of all that are compiled */
	struct arena  *arena; /* owns it */
	const json_t  *node;
	const char    *where;		  /* JSON Pointer of node */
	enum { UNSEEN, OPEN, DONE } walk; /* while loops are searched */

	unsigned      types; /* TYPE_…; 0 = any */
	const json_t *enumeration;
	const json_t *constant;
	const json_t *default_value;

	size_t min_length; /* code points */
	size_t max_length;
	size_t min_items;
	size_t max_items;
	size_t min_properties;
	bool   unique_items;

	const json_t *minimum; /* numbers, or NULL */
	const json_t *maximum;
	const json_t *exclusive_minimum;
	const json_t *exclusive_maximum;

	const regex_t		   *pattern;
	const char		   *pattern_text;
	const char		   *pattern_says; /* x-says; NULL: none */
	const struct schema_format *format;

	struct schema_property *properties;
	size_t			nproperties;
	bool			closed;	    /* no additional members */
	const struct schema    *additional; /* schema of those, or NULL */
	const struct schema    *items;

	const struct schema *ref;
	struct schema_group  all_of;
	struct schema_group  any_of;
	struct schema_group  one_of;

	/* what it says of a value that breaks a rule it has */
	const char *sentence[SCHEMA_RULES];
};

/* The index in properties, or nproperties. */
size_t schema_property_index(const struct schema *, const char *name);
const struct schema_format *schema_format_find(const char *name);
/* NULL, or a sentence about what is wrong with a text of len bytes. */
const char *schema_format_fault(const struct schema_format *, const char *,
    size_t len);
/* The formats date and date-time (schema_time.c). */
bool schema_date(const char *, size_t);
bool schema_date_time(const char *, size_t);
bool schema_plain_time(const char *, size_t, char *out);
/*
 * Why a pattern would not mean the same in ECMA-262 and in a POSIX extended
 * regular expression over bytes; NULL if it does.
 */
const char *schema_pattern_fault(const char *pattern);
/* Whether matching surely takes linear time; "[a]*[a]+b$" is quadratic. */
bool schema_pattern_linear(const char *pattern);
/* The schema that says the type: this one, or what it refers to. */
const struct schema *schema_typed(const struct schema *);
/* A text as a number, boolean or string; NULL: it is none of the schema's. */
json_t *schema_read_scalar(const struct schema *, const char *, size_t len);
/* Makes the sentences of a schema whose keywords are compiled. */
void schema_word(struct schema *);
/* Parts of sentences: a value as JSON, "a string or null". */
const char *schema_json_text(struct arena *, const json_t *);
const char *schema_nouns(struct arena *, unsigned types);
/* The bits of the types that a value has. */
unsigned schema_type_bits(const json_t *);
/* <0, 0, >0, of numbers; exact. */
int schema_compare(const json_t *, const json_t *);
/* Whether an array holds the value. */
bool schema_listed(const json_t *list, const json_t *value);
/*
 * The index of the first item that equals the one at an index. Items are
 * compared with each other, or, if seen is an object, found in it by their
 * text: ask for one item after the other then.
 */
size_t schema_first_equal(json_t *seen, const json_t *array, size_t at);
/* jansson's iterators want a pointer that is not const, but change nothing. */
json_t *schema_iterable(const json_t *);

#endif
