/*
 * Start-up, in the parent: the files and addresses that settings name. Of two
 * services with one PID_FILE a lock decides and not the id in it: ids are used
 * again, and the file of a process that was killed says nothing.
 */
#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "config.h"
#include "cursor.h"
#include "db.h"
#include "log.h"
#include "start.h"

#define WHY_MAX 512

static int  required(const char *, const char *, char *, size_t);
static bool is_at(int, const char *);

int
start_keys(char *err, size_t errlen)
{
	char why[WHY_MAX];

	if (required("KEYS_FILE", config.keys_file, err, errlen) == -1)
		return (-1);
	if (auth_load(config.keys_file, config.token_issuer,
		config.token_audience, why, sizeof(why)) == 0)
		return (0);
	snprintf(err, errlen, "KEYS_FILE=%s", why);
	return (-1);
}

int
start_cursor_key(char *err, size_t errlen)
{
	char why[WHY_MAX];

	if (required("CURSOR_KEY_FILE", config.cursor_key_file, err, errlen) ==
	    -1)
		return (-1);
	if (cursor_load(config.cursor_key_file, why, sizeof(why)) == 0)
		return (0);
	snprintf(err, errlen, "CURSOR_KEY_FILE=%s", why);
	return (-1);
}

int
start_database(char *err, size_t errlen)
{
	const char **keys, **values;

	if (required("DATABASE_URL", config.database_url, err, errlen) == -1 ||
	    db_conninfo(CALLER_PUBLIC, &keys, &values, err, errlen) == -1)
		return (-1);
	free(keys);
	free(values);
	return (0);
}

int
start_log(char *err, size_t errlen)
{
	if (log_open(config.log_file) == 0)
		return (0);
	snprintf(err, errlen, "LOG_FILE=%s: %s", config.log_file,
	    strerror(errno));
	return (-1);
}

int
start_pid_file(char *err, size_t errlen)
{
	const char *path = config.pid_file;
	int	    fd;

	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1)
			break;
		if (is_at(fd, path))
			return (0); /* open for good */
		close(fd);	    /* whoever had it has just ended */
	}
	snprintf(err, errlen, "PID_FILE=%s: %s", path,
	    errno == EWOULDBLOCK ? "it is that of a running service" :
				   strerror(errno));
	if (fd != -1)
		close(fd);
	return (-1);
}

static int
required(const char *name, const char *value, char *err, size_t errlen)
{
	if (*value != '\0')
		return (0);
	snprintf(err, errlen, "%s is not set", name);
	return (-1);
}

static bool
is_at(int fd, const char *path)
{
	struct stat held, there;

	return (fstat(fd, &held) == 0 && stat(path, &there) == 0 &&
	    held.st_ino == there.st_ino && held.st_dev == there.st_dev);
}
