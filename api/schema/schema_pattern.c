/*
 * The part of regular expressions that means the same in ECMA-262 and in POSIX,
 * and is cheap.
 */
#include <ctype.h>
#include <string.h>

#include "schema_internal.h"

struct reading {
	const char *p;
	const char *fault;
	size_t	    open; /* groups */
	bool	    repeatable;
	bool	    has_plus; /* there is a [^ ]+ */
};

static void   read_bracket(struct reading *);
static void   read_count(struct reading *);
static void   read_escape(struct reading *);
static void   read_other(struct reading *);
static size_t bracket(const char *, const char **);

/*
 * ECMA-262 counts characters, we match bytes, and the two languages differ in
 * escapes and groups. What is left is enough for codes and names. It is also
 * what ECMA-262 takes with the flag u, as readers of JSON Schema set it.
 */
const char *
schema_pattern_fault(const char *pattern)
{
	struct reading r = { .p = pattern };

	for (; r.fault == NULL && *r.p != '\0'; r.p++) {
		if ((unsigned char)*r.p >= 0x80)
			r.fault = "only ASCII characters";
		else if (*r.p == '[')
			read_bracket(&r);
		else if (strchr("*+?{", *r.p) != NULL)
			read_count(&r);
		else if (*r.p == '\\')
			read_escape(&r);
		else
			read_other(&r);
	}
	return r.fault;
}

/* Each of these leaves p at the last character of what it has read. */
static void
read_bracket(struct reading *r)
{
	bool negated = r->p[1] == '^';

	r->p += bracket(r->p, &r->fault);
	r->repeatable = true;
	if (r->fault != NULL || !negated || r->p[1] != '+')
		return;
	/* Two could each take a part of one character. */
	if (r->has_plus || r->open > 0)
		r->fault = "[^ ]+ only once and in no group, use [^ ]*";
	r->has_plus = true;
}

static void
read_count(struct reading *r)
{
	if (!r->repeatable)
		r->fault = "nothing to repeat, or repeated twice";
	else if (*r->p == '{' && !isdigit((unsigned char)r->p[1]))
		r->fault = "a count starts with a digit";
	else if (*r->p == '{' && strchr(r->p, '}') == NULL)
		r->fault = "a count without its end";
	else if (*r->p == '{')
		r->p = strchr(r->p, '}');
	r->repeatable = false;
}

static void
read_escape(struct reading *r)
{
	if (*++r->p == '\0' || strchr("^$\\.*+?()[]{}|/", *r->p) == NULL)
		r->fault = "only special characters can be escaped, use "
			   "[0-9] and the like";
	r->repeatable = true;
}

static void
read_other(struct reading *r)
{
	if (*r->p == '.')
		r->fault = "\".\" is a byte here, use brackets";
	else if (*r->p == '(' && r->p[1] == '?')
		r->fault = "no groups with (?";
	else if (*r->p == ')' && r->open == 0)
		r->fault = "a \")\" without its \"(\"";
	else if (*r->p == ']' || *r->p == '}')
		r->fault = "\"]\" and \"}\" that end nothing are escaped";
	r->open += *r->p == '(';
	r->open -= *r->p == ')' && r->open > 0;
	r->repeatable = strchr("^$(|", *r->p) == NULL;
}

/* With one place to start, or one character to find. */
bool
schema_pattern_linear(const char *pattern)
{
	const char *fault = NULL, *rest;

	if (*pattern == '^')
		return strchr(pattern, '|') == NULL;
	if (*pattern != '[')
		return false;
	rest = pattern + bracket(pattern, &fault) + 1;
	return *rest == '\0' || strcmp(rest, "+") == 0;
}

/* The offset of the bracket that closes this one. */
static size_t
bracket(const char *start, const char **fault)
{
	const char *p = start + 1;
	bool	    negated = *p == '^';

	p += negated;
	if (*p == ']')
		*fault = "no empty brackets";
	for (; *p != ']' && *p != '\0' && *fault == NULL; p++) {
		if ((unsigned char)*p >= 0x80)
			*fault = "only ASCII characters";
		else if (*p == '\\' && *++p != '\\')
			*fault = "no escapes in brackets but of \"\\\"";
		else if (*p == '[' && p[1] != '\0' &&
		    strchr(":.=", p[1]) != NULL)
			*fault = "no classes like [:alpha:]";
	}
	if (*fault == NULL && *p == '\0')
		*fault = "a bracket without its end";
	/* A character outside ASCII is several bytes that are not these. */
	if (*fault == NULL && negated && p[1] != '*' && p[1] != '+')
		*fault = "[^ ] is a byte here, must be followed by * or +";
	return (size_t)(p - start);
}
