/*
 * The first that a SQLSTATE begins with is its own.
 */
#include <string.h>

#include "sqlstates.h"

static const char *const names[SQLSTATES] = {
	"CW",			/* what a rule refuses: no fault */
	"08",			/* the connection */
	"22", "23",		/* values, constraints */
	"25006", "25",		/* a server that cannot write */
	"26",			/* a prepared statement that is not there */
	"28",			/* who may not sign in */
	"40001", "40P01", "40", /* meetings; deadlocks */
	"42501", "42",		/* no right; no such thing: half a deployment */
	"53100", "53200", "53300", "53", /* disk, memory, connections */
	"54", "55P03", "55",	/* locks that were waited for too long */
	"57014", "57P01", "57", /* statements out of time; it is shut down */
	"58", "XX",		/* the system, PostgreSQL itself */
	"other",		/* last */
};

int
sqlstates_find(const char *state)
{
	int i;

	if (state == NULL)
		state = "08";
	for (i = 0; i < SQLSTATES - 1; i++)
		if (strncmp(state, names[i], strlen(names[i])) == 0)
			break;
	return i;
}

const char *
sqlstates_name(int place)
{
	return names[place];
}
