/*
 * The frame of a unit test: functions that CHECK things, a main() that RUNs
 * them and returns unit_end(). A failure is printed with its place and does
 * not stop the rest.
 */
#ifndef CASEWORK_UNIT_H
#define CASEWORK_UNIT_H

#include <stdio.h>
#include <string.h>

static int	   unit_checks, unit_failures;
static const char *unit_test = "";
/* Set by data driven tests to name the case in failures. */
static const char *unit_case = "";

#define RUN(test)                  \
	do {                       \
		unit_test = #test; \
		unit_case = "";    \
		test();            \
	} while (0)

#define CHECK(condition) \
	unit_check(__FILE__, __LINE__, (condition) != 0, #condition, "")

#define CHECK_STR(got, wanted) \
	unit_check_str(__FILE__, __LINE__, #got, (got), (wanted))

/* That the text got holds part. */
#define CHECK_HAS(got, part)                                \
	unit_check(__FILE__, __LINE__,                      \
	    (got) != NULL && strstr((got), (part)) != NULL, \
	    #got " has " #part, (got))

static inline void
unit_check(const char *file, int line, int good, const char *what,
    const char *got)
{
	unit_checks++;
	if (good)
		return;
	unit_failures++;
	printf("%s:%d: %s: %s: %s %s\n", file, line, unit_test, unit_case, what,
	    got != NULL ? got : "(null)");
}

static inline void
unit_check_str(const char *file, int line, const char *what, const char *got,
    const char *wanted)
{
	int good;

	if (got == NULL || wanted == NULL)
		good = got == wanted;
	else
		good = strcmp(got, wanted) == 0;
	unit_check(file, line, good, what, got);
	if (!good)
		printf("\twanted: %s\n", wanted != NULL ? wanted : "(null)");
}

static inline int
unit_end(const char *program)
{
	const char *slash = strrchr(program, '/');

	printf("%s: %d checks, %d failed\n",
	    slash != NULL ? slash + 1 : program, unit_checks, unit_failures);
	return unit_failures != 0;
}

#endif
