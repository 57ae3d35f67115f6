/*
 * `casework-worker publish`: what the operator does when the database is gone.
 * It goes on from the signed snapshot in STATUS_DIR. The update is first added
 * to operator-updates.jsonl, from which the worker imports it once the database
 * is back, then shown; so it is never shown and lost.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hex.h"
#include "statuspage_files.h"
#include "statuspage_model.h"
#include "statuspage_operator.h"
#include "statuspage_snapshot.h"
#include "unicode.h"
#include "utf8.h"
#include "wall_clock.h"

#define TITLE_MAX 200
#define TEXT_MAX  20000

static const char usage[] =
    "usage: casework-worker publish --incident ID --status STATUS --text TEXT\n"
    "       casework-worker publish --incident new --title TITLE"
    " --status STATUS --text TEXT\n"
    "           [--severity none|minor|major|critical]"
    " [--components CODE,...]\n"
    "status: awareness investigating identified monitoring resolved;"
    " of maintenance\n"
    "        scheduled in_progress completed\n"
    "STATUS_DIR holds the files, STATUS_KEY_FILE the key that signed them.\n";

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
static json_t *read_options(int, char **, char *, size_t);
static bool    check_texts(const json_t *, char *, size_t);
static size_t  length(const json_t *, const char *);
static json_t *words_of(const char *);
static void    describe(json_t *, const json_t *);
static json_t *new_incident(const json_t *);
static int     find_status(const char *, const char *);
static bool append(const char *, const struct statuspage_key *, const json_t *,
    char *, size_t);
static void renew(json_t *, const char *);
static json_t *random_name(const char *, size_t);
static json_t *time_text(time_t);

int
statuspage_publish_command(const struct statuspage_settings *settings, int argc,
    char **argv)
{
	char	err[512] = "";
	json_t *update = read_options(argc, argv, err, sizeof(err));
	bool	done;

	if (update == NULL) {
		fprintf(stderr, "casework-worker: %s\n%s", err, usage);
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

/* The update that the command line describes, with an id of its own. */
static json_t *
read_options(int argc, char **argv, char *err, size_t errlen)
{
	static const struct option names[] = {
		{ "incident", required_argument, NULL, 'i' },
		{ "title", required_argument, NULL, 't' },
		{ "severity", required_argument, NULL, 'v' },
		{ "components", required_argument, NULL, 'c' },
		{ "status", required_argument, NULL, 's' },
		{ "text", required_argument, NULL, 'x' },
		{ NULL, 0, NULL, 0 },
	};
	json_t *update = json_pack("{s:o, s:o}", "id", random_name("", 16),
	    "at", time_text(wall_clock_seconds()));
	int	option, index = 0;

	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", names, &index)) != -1 &&
	    option != '?')
		json_object_set_new(update, names[index].name,
		    option == 'c' ? words_of(optarg) : json_string(optarg));
	if (option == '?' || optind != argc)
		snprintf(err, errlen,
		    "an option is unknown or lacks its value");
	else if (check_texts(update, err, errlen)) {
		if (strcmp(statuspage_text(update, "incident"), "new") == 0) {
			json_object_set_new(update, "incident",
			    random_name("op-", 6));
			json_object_update_missing_new(update,
			    json_pack("{s:s, s:[]}", "severity", "minor",
				"components"));
		}
		return update;
	}
	json_decref(update);
	return NULL;
}

static bool
check_texts(const json_t *update, char *err, size_t errlen)
{
	static const char *const severities[] = { "none", "minor", "major",
		"critical" };
	static const char *const needed[] = { "incident", "status", "text",
		"title" };
	static const char *const opens[] = { "title", "severity",
		"components" };
	bool opening = strcmp(statuspage_text(update, "incident"), "new") == 0;
	size_t i;

	for (i = 0; i < (opening ? 4 : 3); i++)
		if (!unicode_shows(statuspage_text(update, needed[i]))) {
			snprintf(err, errlen,
			    "--%s is missing, not UTF-8, or nothing that can "
			    "be seen",
			    needed[i]);
			return false;
		}
	for (i = 0; i < 3; i++)
		if (!opening && json_object_get(update, opens[i]) != NULL) {
			snprintf(err, errlen, "--%s is for --incident new only",
			    opens[i]);
			return false;
		}
	if (unicode_holds(statuspage_text(update, "title")) & UNICODE_UNFIT) {
		snprintf(err, errlen,
		    "--title is one line, without control characters and what "
		    "turns the direction of reading");
		return false;
	}
	if (length(update, "title") > TITLE_MAX ||
	    length(update, "text") > TEXT_MAX) {
		snprintf(err, errlen,
		    "--title has %d characters at most, --text %d", TITLE_MAX,
		    TEXT_MAX);
		return false;
	}
	if (json_object_get(update, "severity") == NULL)
		return true;
	for (i = 0; i < 4; i++)
		if (strcmp(severities[i],
			statuspage_text(update, "severity")) == 0)
			return true;
	snprintf(err, errlen, "--severity is none, minor, major or critical");
	return false;
}

static size_t
length(const json_t *update, const char *name)
{
	const char *text = statuspage_text(update, name);

	return utf8_length(text, strlen(text));
}

static json_t *
words_of(const char *list)
{
	json_t *words = json_array();
	size_t	n;

	for (; *list != '\0'; list += n + (list[n] == ',')) {
		n = strcspn(list, ",");
		if (n > 0)
			json_array_append_new(words, json_stringn(list, n));
	}
	return words;
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
	    time_text(wall_clock_seconds() + life));
}

static json_t *
random_name(const char *prefix, size_t bytes)
{
	unsigned char random[16];
	char	      hex[2 * sizeof(random) + 1];

	if (RAND_bytes(random, (int)bytes) != 1)
		abort();
	(void)hex_encode(hex, random, bytes);
	return json_sprintf("%s%s", prefix, hex);
}

static json_t *
time_text(time_t at)
{
	char	  text[32];
	struct tm tm;

	gmtime_r(&at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return json_string(text);
}
