/*
 * The thread of the status files: a turn every few seconds, which writes only
 * when something has changed. It looks by itself, since what the operator has
 * published without the database notifies nobody.
 */
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "counters.h"
#include "publisher.h"
#include "session.h"
#include "statuspage_database.h"
#include "statuspage_files.h"
#include "stopping.h"
#include "thread_log.h"

#define TURN_MS 2000

#define FAULT_MAX 512

static const struct statuspage_settings *settings;

/* Why the last turn has published nothing; empty: it has, or had nothing to. */
static char	       fault[FAULT_MAX];
static pthread_mutex_t fault_lock = PTHREAD_MUTEX_INITIALIZER;

static bool turn(struct session *, char *, size_t);
static void tell(const char *, const char *);

int
publisher_init(const struct statuspage_settings *given, char *err,
    size_t errlen)
{
	char why[512];
	int  lock;

	settings = given;
	if (*settings->directory == '\0')
		return 0;
	counters_set(STATUS_FAILING, NULL, 0);
	lock = statuspage_lock(settings->directory, why, sizeof(why));
	if (lock == -1)
		snprintf(err, errlen, "STATUS_DIR=%s", why);
	else
		statuspage_unlock(lock);
	return lock == -1 ? -1 : 0;
}

void *
publisher_run(void *arg)
{
	struct session s = { .name = "status" };
	char	       err[FAULT_MAX];

	(void)arg;
	while (!stopping() && *settings->directory != '\0') {
		if (!session_up(&s))
			continue;
		tell(s.name, turn(&s, err, sizeof(err)) ? "" : err);
		if (s.pg != NULL)
			(void)stopping_wait(-1, TURN_MS);
	}
	session_close(&s);
	return NULL;
}

static bool
turn(struct session *s, char *err, size_t errlen)
{
	bool done;

	memset(err, 0, errlen);
	done = statuspage_run(&s->at, settings, err, errlen);
	session_check(s);
	return done;
}

/* To the log once, not with every turn; to who asks as long as it lasts. */
static void
tell(const char *name, const char *err)
{
	bool new;

	pthread_mutex_lock(&fault_lock);
	new = strcmp(fault, err) != 0;
	snprintf(fault, sizeof(fault), "%s", err);
	pthread_mutex_unlock(&fault_lock);
	counters_set(STATUS_FAILING, NULL, *err == '\0' ? 0 : 1);
	if (*err != '\0')
		counters_add(STATUS_FAILURES, NULL, 1);
	if (new)
		thread_log(*err == '\0' ? "status_mended" : "status_failed",
		    name, err);
}

bool
publisher_is_well(FILE *out)
{
	bool well;

	if (*settings->directory == '\0')
		return true;
	pthread_mutex_lock(&fault_lock);
	well = *fault == '\0';
	if (out != NULL)
		fprintf(out, "status page: %s\n", well ? "ok" : fault);
	pthread_mutex_unlock(&fault_lock);
	return well;
}
