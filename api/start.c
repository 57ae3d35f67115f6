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

#include "auth_admission.h"
#include "auth_keys.h"
#include "config.h"
#include "conninfo.h"
#include "cursor.h"
#include "document.h"
#include "embedded.h"
#include "hooks.h"
#include "idempotency.h"
#include "log.h"
#include "owner.h"
#include "start.h"

#define WHY_MAX	 512
#define FILE_MAX (8 * 1024 * 1024)

#define EMBEDDED(name)                                                   \
	{                                                                \
		.text = embedded_##name,                                 \
		.len = (size_t)(embedded_##name##_end - embedded_##name) \
	}

static int  read_file(const char *, struct document *, char *, size_t);
static int  required(const char *, const char *, char *, size_t);
static bool is_at(int, const char *);

int
start_contract(char *err, size_t errlen)
{
	const struct operation_setup setup = {
		.hooks = hooks,
		.body_memory = (size_t)config.request.body_memory << 20,
		.rate_limit = config.request.rate_limit,
	};
	struct document json = EMBEDDED(openapi_json);
	struct document yaml = EMBEDDED(openapi_yaml);
	struct document statements = EMBEDDED(statements);

	if (read_file(config.openapi_file, &json, err, errlen) == -1 ||
	    read_file(config.statements_file, &statements, err, errlen) == -1)
		return -1;
	if (document_load(&json, &yaml, &statements, &setup, err, errlen) == -1)
		return -1;
	document_serve_at(config.request.public_url);
	return 0;
}

int
start_keys(char *err, size_t errlen)
{
	char why[WHY_MAX];

	if (required("KEYS_FILE", config.keys_file, err, errlen) == -1)
		return -1;
	auth_configure(&config.auth);
	if (auth_load(config.keys_file, config.token_issuer,
		config.token_audience, why, sizeof(why)) == 0)
		return 0;
	snprintf(err, errlen, "KEYS_FILE=%s", why);
	return -1;
}

int
start_cursor_key(char *err, size_t errlen)
{
	char why[WHY_MAX];

	if (required("CURSOR_KEY_FILE", config.cursor_key_file, err, errlen) ==
	    -1)
		return -1;
	if (cursor_load(config.cursor_key_file, why, sizeof(why)) == 0 &&
	    idempotency_load(config.cursor_key_file, why, sizeof(why)) == 0)
		return 0;
	snprintf(err, errlen, "CURSOR_KEY_FILE=%s", why);
	return -1;
}

int
start_context_key(char *err, size_t errlen)
{
	char why[WHY_MAX];

	if (required("CONTEXT_KEY_FILE", config.context_key_file, err,
		errlen) == -1)
		return -1;
	if (auth_admission_load(config.context_key_file, why, sizeof(why)) == 0)
		return 0;
	snprintf(err, errlen, "CONTEXT_KEY_FILE=%s", why);
	return -1;
}

int
start_database(char *err, size_t errlen)
{
	if (required("DATABASE_URL", config.database.url, err, errlen) == -1)
		return -1;
	return conninfo_load(config.database.url, err, errlen);
}

int
start_log(char *err, size_t errlen)
{
	if (log_open(config.log_file) == 0)
		return 0;
	snprintf(err, errlen, "LOG_FILE=%s: %s", config.log_file,
	    strerror(errno));
	return -1;
}

int
start_pid_file(char *err, size_t errlen)
{
	const char *path = config.pid_file;
	int	    fd;

	if (!owner_begin_file(path, err, errlen))
		return -1;
	for (;;) {
		fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		if (fd == -1 || flock(fd, LOCK_EX | LOCK_NB) == -1)
			break;
		if (is_at(fd, path)) {
			owner_end();
			return 0; /* open for good */
		}
		close(fd); /* whoever had it has just ended */
	}
	owner_end();
	snprintf(err, errlen, "PID_FILE=%s: %s", path,
	    errno == EWOULDBLOCK ? "it is that of a running service" :
				   strerror(errno));
	if (fd != -1)
		close(fd);
	return -1;
}

/* No name: the embedded text stays. */
static int
read_file(const char *name, struct document *d, char *err, size_t errlen)
{
	FILE *f;
	char *text;

	if (*name == '\0')
		return 0;
	f = fopen(name, "r");
	text = malloc(FILE_MAX);
	if (f == NULL || text == NULL) {
		snprintf(err, errlen, "%s: %s", name, strerror(errno));
		free(text);
		if (f != NULL)
			(void)fclose(f);
		return -1;
	}
	d->len = fread(text, 1, FILE_MAX, f);
	d->text = text;
	(void)fclose(f);
	return 0;
}

static int
required(const char *name, const char *value, char *err, size_t errlen)
{
	if (*value != '\0')
		return 0;
	snprintf(err, errlen, "%s is not set", name);
	return -1;
}

static bool
is_at(int fd, const char *path)
{
	struct stat held, there;

	return fstat(fd, &held) == 0 && stat(path, &there) == 0 &&
	    held.st_ino == there.st_ino && held.st_dev == there.st_dev;
}
