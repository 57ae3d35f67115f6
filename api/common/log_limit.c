/*
 * Lines of the log, shared out: by caller, where one is known, by source, and
 * among all who are nobody, since addresses are cheap. Nobody's lines never
 * take those of a caller.
 */
#include <stddef.h>
#include <stdio.h>

#include "bucket.h"
#include "log.h"
#include "log_limit.h"

#define PLACES	     4096
#define KNOWN_TIMES  5	/* as many lines for a caller as for a source */
#define NOBODY_TIMES 10 /* for all sources together */
#define SECOND_US    1000000
#define STATUSES     600

static struct buckets known_ones, sources, nobody;
static unsigned	      left_out[STATUSES]; /* by status, since the report */
static bool	      some;
static int64_t	      reported;

void
log_limit_start(long lines)
{
	if (lines == 0)
		return;
	bucket_start(&known_ones, (double)lines * KNOWN_TIMES, 1, PLACES);
	bucket_start(&sources, (double)lines, 1, PLACES);
	bucket_start(&nobody, (double)lines * NOBODY_TIMES, 1, 1);
}

bool
log_limit_take(const char *key, bool known, int status, int64_t now)
{
	if (sources.places == 0)
		return true;
	if (known ? bucket_take(&known_ones, key, now, NULL) :
		    bucket_take(&sources, key, now, NULL) &&
		    bucket_take(&nobody, "all", now, NULL))
		return true;
	left_out[status >= 0 && status < STATUSES ? status : 0]++;
	some = true;
	return false;
}

void
log_limit_report(int64_t now)
{
	char   text[512];
	size_t len = 0;
	int    status;

	if (!some || now - reported < SECOND_US)
		return;
	reported = now;
	some = false;
	text[0] = '\0';
	for (status = 0; status < STATUSES; status++) {
		if (left_out[status] > 0 && len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
			    "%s%d: %u", len == 0 ? "" : ", ", status,
			    left_out[status]);
		left_out[status] = 0;
	}
	log_event("log_suppressed", NULL, text);
}
