/*
 * One line on standard error.
 */
#include <stdio.h>
#include <unistd.h>

#include "complain.h"
#include "journal.h"

int
complain(const char *why)
{
	fprintf(stderr, "%scasework: %s\n",
	    journal_is(STDERR_FILENO) ? "<3>" : "", why);
	return 1;
}
