/*
 * Classes of SQLSTATEs (PostgreSQL, appendix A). What is not named here is
 * refused for good: to try it for ever would keep all later imports waiting.
 */
#include <stddef.h>
#include <string.h>

#include "import_trouble.h"
#include "monotonic.h"
#include "stopping.h"

#define PAUSE_MIN_MS 100
#define PAUSE_MAX_MS 5000

static const struct {
	const char	   *begins;
	enum import_trouble trouble;
} troubles[] = {
	{ "08", TROUBLE_OUTAGE },    /* connections */
	{ "53", TROUBLE_OUTAGE },    /* memory, disks, connections are short */
	{ "57P", TROUBLE_OUTAGE },   /* it ends or begins */
	{ "25006", TROUBLE_OUTAGE }, /* a standby, until it is promoted */
	{ "40", TROUBLE_BUSY },	     /* deadlock, serialization */
	{ "55P03", TROUBLE_BUSY },   /* lock_timeout */
	{ "57014", TROUBLE_BUSY },   /* statement_timeout */
};

enum import_trouble
import_trouble(const char *sqlstate)
{
	size_t i;

	if (*sqlstate == '\0')
		return TROUBLE_OUTAGE;
	for (i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++)
		if (strncmp(sqlstate, troubles[i].begins,
			strlen(troubles[i].begins)) == 0)
			return troubles[i].trouble;
	return TROUBLE_REFUSED;
}

void
import_pause(int *milliseconds)
{
	*milliseconds *= 2;
	if (*milliseconds < PAUSE_MIN_MS)
		*milliseconds = PAUSE_MIN_MS;
	if (*milliseconds > PAUSE_MAX_MS)
		*milliseconds = PAUSE_MAX_MS;
	(void)stopping_wait(-1, *milliseconds);
}

PGresult *
import_insist(struct session *s, int64_t ends, const char *sql, int nparams,
    const char *const *params, const char **refused)
{
	PGresult *result = NULL;
	int	  pause = 0;

	*refused = NULL;
	for (;;) {
		if (session_up(s)) {
			result = session_run(s, sql, nparams, params);
			if (result == NULL &&
			    import_trouble(s->sqlstate) == TROUBLE_REFUSED)
				*refused = s->sqlstate;
		}
		if (result != NULL || *refused != NULL || stopping() ||
		    monotonic_us() >= ends)
			return result;
		import_pause(&pause);
	}
}
