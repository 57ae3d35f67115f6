/*
 * `casework-worker publish`: what the operator does when the database is gone.
 * It goes on from the signed snapshot in STATUS_DIR. The update is first added
 * to operator-updates.jsonl, from which the worker imports it once the database
 * is back, then shown; so it is never shown and lost.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "statuspage_files.h"
#include "statuspage_model.h"
#include "statuspage_operator.h"
#include "statuspage_options.h"
#include "statuspage_snapshot.h"
#include "wall_clock.h"

static const struct {
	const char *kind;
	const char *status;
	bool	    final;
} statuses[] = {
	{ "incident", "awareness", false },
	{ "incident", "investigating", false },
	{ "incident", "identified", false },
	{ "incident", "monitoring", false },
	{ "incident", "resolved", true },
	{ "maintenance", "scheduled", false },
	{ "maintenance", "in_progress", false },
	{ "maintenance", "completed", true },
};

static bool    publish(const struct statuspage_settings *, json_t *, char *,
       size_t);
static bool    check_components(const json_t *, const json_t *, char *, size_t);
static void    describe(json_t *, const json_t *);
static json_t *new_incident(const json_t *);
static int     find_status(const char *, const char *);
static bool append(const char *, const struct statuspage_key *, const json_t *,
    char *, size_t);
static void renew(json_t *, const char *);

int
statuspage_publish_command(const struct statuspage_settings *settings, int argc,
    char **argv)
{
	char	err[512] = "";
	json_t *update = statuspage_options(argc, argv, err, sizeof(err));
	bool	done;

	if (update == NULL) {
		fprintf(stderr, "casework-worker: %s\n%s", err,
		    statuspage_usage);
		return 2;
	}
	done = publish(settings, update, err, sizeof(err));
	if (done)
		printf("published: incident %s is %s\n",
		    statuspage_text(update, "incident"),
		    statuspage_text(update, "status"));
	else
		fprintf(stderr, "casework-worker: %s\n", err);
	json_decref(update);
	return done ? 0 : 1;
}

static bool
publish(const struct statuspage_settings *settings, json_t *update, char *err,
    size_t errlen)
{
	const char	     *dir = settings->directory;
	struct statuspage_key key;
	json_t		     *snapshot;
	int		      lock;
	bool		      done;

	if (!statuspage_key_load(&key, settings->key_file, err, errlen) ||
	    (lock = statuspage_lock(dir, err, errlen)) == -1)
		return false;
	snapshot = statuspage_load(dir, &key, err, errlen);
	done =
	    snapshot != NULL && statuspage_apply(snapshot, update, err, errlen);
	if (done) {
		renew(snapshot, statuspage_text(update, "at"));
		describe(update,
		    statuspage_find(snapshot,
			statuspage_text(update, "incident")));
		done = append(dir, &key, update, err, errlen) &&
		    statuspage_write(dir, &key, snapshot, err, errlen);
	}
	json_decref(snapshot);
	statuspage_unlock(lock);
	return done;
}

bool
statuspage_apply(json_t *snapshot, const json_t *update, char *err,
    size_t errlen)
{
	const char *id = statuspage_text(update, "incident");
	const char *status = statuspage_text(update, "status");
	const char *at = statuspage_text(update, "at");
	json_t	   *of = statuspage_find(snapshot, id);
	bool	    creating = *statuspage_text(update, "title") != '\0';
	int	    row;

	if (of == NULL && !creating) {
		snprintf(err, errlen,
		    "the snapshot has no incident %s; to open one, say "
		    "--incident new --title …",
		    id);
		return false;
	}
	row = find_status(of != NULL ? statuspage_text(of, "kind") : "incident",
	    status);
	if (row == -1) {
		snprintf(err, errlen, "--status %s is not one of %s", status,
		    of != NULL ? statuspage_text(of, "kind") : "incident");
		return false;
	}
	if (of != NULL && !statuspage_is_open(of)) {
		snprintf(err, errlen, "incident %s is %s; open a new one", id,
		    statuspage_text(of, "status"));
		return false;
	}
	if (!check_components(snapshot, update, err, errlen))
		return false;
	if (of == NULL) {
		of = new_incident(update);
		json_array_insert_new(json_object_get(snapshot, "incidents"), 0,
		    of);
	}
	json_object_set_new(of, "status", json_string(status));
	json_object_set_new(of, "updated_at", json_string(at));
	if (statuses[row].final)
		json_object_set_new(of, "resolved_at", json_string(at));
	json_array_append_new(json_object_get(of, "updates"),
	    json_pack("{s:s, s:s, s:s}", "status", status, "text",
		statuspage_text(update, "text"), "at", at));
	return true;
}

/* What the service does not know, nobody would be shown. */
static bool
check_components(const json_t *snapshot, const json_t *update, char *err,
    size_t errlen)
{
	json_t *component, *named;
	size_t	i, j, n;
	bool	known;

	json_array_foreach (json_object_get(update, "components"), i, named) {
		known = false;
		n = (size_t)snprintf(err, errlen,
		    "--components %s is not one of", json_string_value(named));
		json_array_foreach (json_object_get(snapshot, "components"), j,
		    component) {
			const char *code = statuspage_text(component, "code");

			known = known ||
			    strcmp(code, json_string_value(named)) == 0;
			if (n < errlen)
				n += (size_t)snprintf(err + n, errlen - n,
				    " %s", code);
		}
		if (!known)
			return false;
	}
	return true;
}

/* With all it takes to open the incident, should the database have come back
 * without it. */
static void
describe(json_t *update, const json_t *of)
{
	static const char *const members[] = { "kind", "title", "severity",
		"components" };
	size_t			 i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		json_object_set(update, members[i],
		    json_object_get(of, members[i]));
}

static json_t *
new_incident(const json_t *update)
{
	const char *at = statuspage_text(update, "at");

	return json_pack("{s:s, s:s, s:s, s:s, s:O, s:n, s:n, s:s, s:n, s:[]}",
	    "id", statuspage_text(update, "incident"), "kind", "incident",
	    "title", statuspage_text(update, "title"), "severity",
	    statuspage_text(update, "severity"), "components",
	    json_object_get(update, "components"), "scheduled_from",
	    "scheduled_until", "created_at", at, "resolved_at", "updates");
}

static int
find_status(const char *kind, const char *status)
{
	size_t i;

	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		if (strcmp(statuses[i].kind, kind) == 0 &&
		    strcmp(statuses[i].status, status) == 0)
			return (int)i;
	return -1;
}

/* One signed line, on the disk before anything is shown. */
static bool
append(const char *dir, const struct statuspage_key *key, const json_t *update,
    char *err, size_t errlen)
{
	char  path[4096];
	char *line = statuspage_sign(key, update);
	int   fd;
	bool  done;

	snprintf(path, sizeof(path), "%s/%s", dir, STATUSPAGE_UPDATES);
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	done = fd != -1 && dprintf(fd, "%s\n", line) == (int)strlen(line) + 1 &&
	    fsync(fd) == 0;
	if (!done)
		snprintf(err, errlen, "%s/%s: %s", dir, STATUSPAGE_UPDATES,
		    strerror(errno));
	if (fd != -1)
		close(fd);
	free(line);
	return done;
}

/* As good for as long as the one before, from now on. */
static void
renew(json_t *snapshot, const char *at)
{
	struct tm from = { 0 }, until = { 0 };
	time_t	  life = 0;

	if (strptime(statuspage_text(snapshot, "generated_at"),
		"%Y-%m-%dT%H:%M:%S", &from) != NULL &&
	    strptime(statuspage_text(snapshot, "stale_after"),
		"%Y-%m-%dT%H:%M:%S", &until) != NULL)
		life = timegm(&until) - timegm(&from);
	json_object_set_new(snapshot, "generated_at", json_string(at));
	json_object_set_new(snapshot, "stale_after",
	    statuspage_time(wall_clock_seconds() + life));
}
