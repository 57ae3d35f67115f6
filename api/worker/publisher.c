/*
 * The thread of the status files: a turn every few seconds, which writes only
 * when something has changed. It looks by itself, since what the operator has
 * published without the database notifies nobody.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "publisher.h"
#include "session.h"
#include "statuspage_database.h"
#include "statuspage_files.h"
#include "stopping.h"
#include "thread_log.h"

#define TURN_MS 2000

static const struct statuspage_settings *settings;

static bool turn(struct session *, char *, size_t);

int
publisher_init(const struct statuspage_settings *given, char *err,
    size_t errlen)
{
	char why[512];
	int  lock;

	settings = given;
	if (*settings->directory == '\0')
		return 0;
	lock = statuspage_lock(settings->directory, why, sizeof(why));
	if (lock == -1)
		snprintf(err, errlen, "STATUS_DIR=%s", why);
	else
		close(lock);
	return lock == -1 ? -1 : 0;
}

void *
publisher_run(void *arg)
{
	struct session s = { .name = "status" };
	char	       err[512], said[512] = "";

	(void)arg;
	while (!stopping() && *settings->directory != '\0') {
		if (!session_up(&s))
			continue;
		if (turn(&s, err, sizeof(err)))
			*said = '\0';
		else if (strcmp(err, said) != 0) {
			/* once, not with every turn */
			thread_log("status_failed", s.name, err);
			memcpy(said, err, sizeof(said));
		}
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
	done = statuspage_run(s->pg, settings, err, errlen);
	if (PQstatus(s->pg) != CONNECTION_OK)
		session_close(s);
	return done;
}
