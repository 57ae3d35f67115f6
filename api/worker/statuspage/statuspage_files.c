/*
 * The directory of the status feed. Each file is written beside its place,
 * synced and renamed; the signed snapshot comes last, so that files which a
 * crash left half done are written again. A lock keeps the worker and the
 * operator apart.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "owner.h"
#include "statuspage_atom.h"
#include "statuspage_documents.h"
#include "statuspage_files.h"
#include "statuspage_html.h"
#include "statuspage_model.h"
#include "statuspage_snapshot.h"

#define PUBLIC_MODE  0644
#define PRIVATE_MODE 0600

static bool   put(const char *, const char *, const char *, mode_t, char *,
      size_t);
static bool   put_json(const char *, const char *, json_t *, char *, size_t);
static bool   put_markup(const char *, const char *,
      void (*)(FILE *, const json_t *), const json_t *, char *, size_t);
static int    open_lock(const char *);
static bool   complete(const char *);
static bool   public_directory(const char *, char *, size_t);
static bool   put_incidents(const char *, const json_t *, char *, size_t);
static bool   write_all(int, const char *, size_t);
static void   set_page(json_t *, const struct statuspage_settings *);
static bool   fresh(json_t *, json_t *);
static time_t instant(const char *);

bool
statuspage_publish(const char	     *snapshot_json,
    const struct statuspage_settings *settings, char *err, size_t errlen)
{
	const char	     *dir = settings->directory;
	struct statuspage_key key;
	json_error_t	      error;
	json_t		     *snapshot;
	char		     *waiting;
	int		      lock;
	bool		      done = false;

	if ((lock = statuspage_lock(dir, err, errlen)) == -1)
		return false;
	snapshot = json_loads(snapshot_json, 0, &error);
	if ((waiting = statuspage_read(dir, STATUSPAGE_UPDATES)) != NULL)
		snprintf(err, errlen,
		    "%s/%s: the operator's updates wait for their import", dir,
		    STATUSPAGE_UPDATES);
	else if (statuspage_key_load(&key, settings->key_file, err, errlen))
		done = statuspage_refresh(settings, &key, snapshot, err,
			   errlen) != -1;
	free(waiting);
	json_decref(snapshot);
	statuspage_unlock(lock);
	return done;
}

int
statuspage_lock(const char *dir, char *err, size_t errlen)
{
	int fd = -1;

	if (*dir == '\0') {
		snprintf(err, errlen, "STATUS_DIR is not set");
		return -1;
	}
	if (!owner_begin(dir, STATUSPAGE_SNAPSHOT, err, errlen))
		return -1;
	if (public_directory(dir, err, errlen)) {
		fd = open_lock(dir);
		if (fd == -1)
			snprintf(err, errlen, "%s/.lock: %s", dir,
			    strerror(errno));
	}
	if (fd == -1)
		owner_end();
	return fd;
}

/* One that root has left is nobody's: it gives way to one that can be used. */
static int
open_lock(const char *dir)
{
	char path[4096];
	int  fd;

	snprintf(path, sizeof(path), "%s/.lock", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PRIVATE_MODE);
	if (fd == -1 && errno == EACCES && unlink(path) == 0)
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, PRIVATE_MODE);
	if (fd != -1 && flock(fd, LOCK_EX) == -1) {
		close(fd);
		fd = -1;
	}
	return fd;
}

void
statuspage_unlock(int lock)
{
	close(lock);
	owner_end();
}

json_t *
statuspage_load(const char *dir, const struct statuspage_key *key, char *err,
    size_t errlen)
{
	char   *text = statuspage_read(dir, STATUSPAGE_SNAPSHOT), why[200];
	json_t *snapshot;

	if (text == NULL) {
		snprintf(err, errlen, "%s/%s: %s", dir, STATUSPAGE_SNAPSHOT,
		    strerror(errno));
		return NULL;
	}
	snapshot = statuspage_verify(key, text, why, sizeof(why));
	if (snapshot == NULL)
		snprintf(err, errlen, "%s/%s: %s", dir, STATUSPAGE_SNAPSHOT,
		    why);
	free(text);
	return snapshot;
}

int
statuspage_refresh(const struct statuspage_settings *settings,
    const struct statuspage_key *key, json_t *snapshot, char *err,
    size_t errlen)
{
	const char *dir = settings->directory;
	char	    why[300];
	json_t	   *before;
	bool	    keep;

	if (!json_is_object(snapshot)) {
		snprintf(err, errlen, "the snapshot is not a JSON object");
		return -1;
	}
	set_page(snapshot, settings);
	before = statuspage_load(dir, key, why, sizeof(why));
	keep = before != NULL && fresh(before, snapshot) && complete(dir);
	json_decref(before);
	if (keep)
		return 0;
	return statuspage_write(dir, key, snapshot, err, errlen) ? 1 : -1;
}

bool
statuspage_write(const char *dir, const struct statuspage_key *key,
    const json_t *snapshot, char *err, size_t errlen)
{
	char *text;
	bool  done;

	if (!statuspage_check(snapshot, err, errlen))
		return false;
	done = put_incidents(dir, snapshot, err, errlen) &&
	    put_json(dir, "status.json", statuspage_json(snapshot), err,
		errlen) &&
	    put_json(dir, "summary.json", statuspage_summary_json(snapshot),
		err, errlen) &&
	    put_markup(dir, "history.atom", statuspage_atom, snapshot, err,
		errlen) &&
	    put_markup(dir, "index.html", statuspage_html, snapshot, err,
		errlen);
	if (!done)
		return false;
	text = statuspage_sign(key, snapshot);
	done = put(dir, STATUSPAGE_SNAPSHOT, text, PRIVATE_MODE, err, errlen);
	free(text);
	return done;
}

char *
statuspage_read(const char *dir, const char *name)
{
	char   path[4096], *text = NULL;
	size_t size = 0;
	FILE  *in;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	if ((in = fopen(path, "re")) == NULL)
		return NULL;
	if (getdelim(&text, &size, '\0', in) == -1 && !ferror(in)) {
		free(text);
		text = strdup("");
	}
	fclose(in);
	return text;
}

/* Name and address of the page are settings, kept in the snapshot: the
 * operator's machine need not have them. Without a name it is the vendor's. */
static void
set_page(json_t *snapshot, const struct statuspage_settings *settings)
{
	const char *vendor =
	    statuspage_text(json_object_get(snapshot, "vendor"), "name");
	char name[512] = "Casework Status";

	if (*settings->name != '\0')
		snprintf(name, sizeof(name), "%s", settings->name);
	else if (*vendor != '\0')
		snprintf(name, sizeof(name), "%s Status", vendor);
	json_object_set_new(snapshot, "page",
	    json_pack("{s:s, s:s, s:s}", "id", "casework", "name", name, "url",
		settings->url));
}

/* Whether the old snapshot says the same, and will for more than half of the
 * time that a new one would. */
static bool
fresh(json_t *before, json_t *now)
{
	json_t *old = json_copy(before);
	json_t *new = json_copy(now);
	time_t at = instant(statuspage_text(now, "generated_at"));
	time_t life = instant(statuspage_text(now, "stale_after")) - at;
	bool   same;

	json_object_del(old, "generated_at");
	json_object_del(old, "stale_after");
	json_object_del(new, "generated_at");
	json_object_del(new, "stale_after");
	same = json_equal(old, new) &&
	    instant(statuspage_text(before, "generated_at")) <= at &&
	    instant(statuspage_text(before, "stale_after")) - at > life / 2;
	json_decref(old);
	json_decref(new);
	return same;
}

/*
 * Every file is there, and new ones could be written: else writing them says
 * what is wrong, now and not when the next incident does.
 */
static bool
complete(const char *dir)
{
	static const struct {
		const char *name;
		int	    mode;
	} needed[] = { { ".", W_OK }, { "incidents", W_OK },
		{ "status.json", R_OK }, { "summary.json", R_OK },
		{ "history.atom", R_OK }, { "index.html", R_OK } };
	char   path[4096];
	size_t i;

	for (i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, needed[i].name);
		if (faccessat(AT_FDCWD, path, needed[i].mode, AT_EACCESS) == -1)
			return false;
	}
	return true;
}

static time_t
instant(const char *at)
{
	struct tm tm = { 0 };

	if (strptime(at, "%Y-%m-%dT%H:%M:%S", &tm) == NULL)
		return 0;
	return timegm(&tm);
}

/* There, and whoever serves the files may read it, whatever the umask. */
static bool
public_directory(const char *path, char *err, size_t errlen)
{
	if (mkdir(path, 0755) == 0)
		(void)chmod(path, 0755);
	else if (errno != EEXIST) {
		snprintf(err, errlen, "%s: %s", path, strerror(errno));
		return false;
	}
	return true;
}

static bool
put_incidents(const char *dir, const json_t *snapshot, char *err, size_t errlen)
{
	char	path[4096];
	json_t *all, *of;
	size_t	i;
	bool	done = true;

	snprintf(path, sizeof(path), "%s/incidents", dir);
	if (!public_directory(path, err, errlen))
		return false;
	all = statuspage_all(snapshot);
	json_array_foreach (all, i, of) {
		snprintf(path, sizeof(path), "incidents/%s.json",
		    statuspage_text(of, "id"));
		done = done &&
		    put_json(dir, path, statuspage_incident_json(snapshot, of),
			err, errlen);
	}
	json_decref(all);
	return done;
}

/* Takes the value. */
static bool
put_json(const char *dir, const char *name, json_t *value, char *err,
    size_t errlen)
{
	char *text = json_dumps(value, JSON_COMPACT);
	bool  done;

	json_decref(value);
	if (text == NULL) {
		snprintf(err, errlen, "%s cannot be made", name);
		return false;
	}
	done = put(dir, name, text, PUBLIC_MODE, err, errlen);
	free(text);
	return done;
}

static bool
put_markup(const char *dir, const char			 *name,
    void (*render)(FILE *, const json_t *), const json_t *snapshot, char *err,
    size_t errlen)
{
	char  *text = NULL;
	size_t size;
	FILE  *out = open_memstream(&text, &size);
	bool   done;

	if (out == NULL) {
		snprintf(err, errlen, "%s: %s", name, strerror(errno));
		return false;
	}
	render(out, snapshot);
	fclose(out);
	done = put(dir, name, text, PUBLIC_MODE, err, errlen);
	free(text);
	return done;
}

/* The mode does not depend on the umask: a web server is another user. */
static bool
put(const char *dir, const char *name, const char *text, mode_t mode, char *err,
    size_t errlen)
{
	char path[4096], tmp[4100];
	int  fd;
	bool done;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	snprintf(tmp, sizeof(tmp), "%s.tmp", path);
	(void)unlink(tmp); /* of a crash, or of somebody else */
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, PRIVATE_MODE);
	done = fd != -1 && write_all(fd, text, strlen(text)) &&
	    fchmod(fd, mode) == 0 && fsync(fd) == 0;
	if (fd != -1 && close(fd) == -1)
		done = false;
	done = done && rename(tmp, path) == 0;
	if (!done) {
		snprintf(err, errlen, "%s: %s", path, strerror(errno));
		(void)unlink(tmp);
	}
	return done;
}

static bool
write_all(int fd, const char *text, size_t len)
{
	ssize_t n;

	for (; len > 0; text += n, len -= (size_t)n)
		if ((n = write(fd, text, len)) <= 0)
			return false;
	return true;
}
