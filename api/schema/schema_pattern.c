/*
 * The part of regular expressions that means the same in ECMA-262 and in POSIX,
 * and is cheap.
 */
#include <ctype.h>
#include <string.h>

#include "schema_internal.h"

static size_t bracket(const char *, const char **);

/*
 * ECMA-262 counts characters, we match bytes, and the two languages differ in
 * escapes and groups. What is left is enough for codes and names.
 */
const char *
schema_pattern_fault(const char *pattern)
{
	const char *p, *fault = NULL;
	bool	    repeatable = false;

	for (p = pattern; *p != '\0'; p++) {
		if ((unsigned char)*p >= 0x80)
			return "only ASCII characters";
		if (*p == '[') {
			p += bracket(p, &fault);
			if (fault != NULL)
				return fault;
			repeatable = true;
		} else if (strchr("*+?{", *p) != NULL) {
			if (!repeatable)
				return "nothing to repeat, or repeated twice";
			if (*p == '{' && !isdigit((unsigned char)p[1]))
				return "a count starts with a digit";
			if (*p == '{')
				p += strcspn(p, "}");
			if (*p == '\0')
				return "a count without its end";
			repeatable = false;
		} else if (*p == '\\') {
			if (*++p == '\0' ||
			    strchr("^$\\.*+?()[]{}|/-", *p) == NULL)
				return "only special characters can be "
				       "escaped, use [0-9] and the like";
			repeatable = true;
		} else if (*p == '.') {
			return "\".\" is a byte here, use brackets";
		} else if (*p == '(' && p[1] == '?') {
			return "no groups with (?";
		} else {
			repeatable = strchr("^$(|", *p) == NULL;
		}
	}
	return NULL;
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
