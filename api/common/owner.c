/*
 * Acting as the owner of a directory (setfsuid(2)): not only for what is made,
 * but for all that is opened, so that a link which the owner has put in the way
 * leads root nowhere. The kernel takes root's rights over files meanwhile, and
 * only from this thread.
 */
#include <sys/fsuid.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "owner.h"

#define PATH_MAX_BYTES 4096

static bool find(const char *, const char *, struct stat *);
static bool find_parent(const char *, struct stat *);

bool
owner_begin(const char *directory, const char *file, char *err, size_t errlen)
{
	struct stat owner;

	if (geteuid() != 0 || !find(directory, file, &owner) ||
	    owner.st_uid == 0)
		return true;
	(void)setfsgid(owner.st_gid);
	(void)setfsuid(owner.st_uid);
	if ((uid_t)setfsuid((uid_t)-1) == owner.st_uid)
		return true;
	owner_end();
	snprintf(err, errlen,
	    "%s: run this as its owner, user id %ld, and not as root",
	    directory, (long)owner.st_uid);
	return false;
}

bool
owner_begin_file(const char *path, char *err, size_t errlen)
{
	char	    directory[PATH_MAX_BYTES] = ".";
	const char *slash = strrchr(path, '/');

	if (slash == path)
		strcpy(directory, "/");
	else if (slash != NULL)
		snprintf(directory, sizeof(directory), "%.*s",
		    (int)(slash - path), path);
	return owner_begin(directory, NULL, err, errlen);
}

void
owner_end(void)
{
	int before = errno;

	if (geteuid() == 0) {
		(void)setfsuid(0);
		(void)setfsgid(getegid());
	}
	errno = before;
}

/* False where nothing is there: who opens it will say so. */
static bool
find(const char *directory, const char *file, struct stat *found)
{
	char	    path[PATH_MAX_BYTES];
	struct stat of_file;

	if (stat(directory, found) == -1)
		return find_parent(directory, found);
	snprintf(path, sizeof(path), "%s/%s", directory,
	    file == NULL ? "" : file);
	if (found->st_uid == 0 && file != NULL && lstat(path, &of_file) == 0)
		*found = of_file;
	return true;
}

static bool
find_parent(const char *directory, struct stat *found)
{
	char  path[PATH_MAX_BYTES];
	char *end;

	snprintf(path, sizeof(path), "%s", directory);
	for (end = path + strlen(path); end > path + 1 && end[-1] == '/';)
		*--end = '\0';
	end = strrchr(path, '/');
	if (end == NULL)
		return stat(".", found) == 0;
	end[end == path] = '\0';
	return stat(path, found) == 0;
}

bool
owner_may_serve(const char *wish, char *err, size_t errlen)
{
	const bool allowed = strcmp(wish, "allow") == 0;

	if (!allowed && strcmp(wish, "refuse") != 0)
		snprintf(err, errlen, "RUN_AS_ROOT=%s: use refuse or allow",
		    wish);
	else if (!allowed && geteuid() == 0)
		snprintf(err, errlen,
		    "this is root: use an account of the service's own, or "
		    "set RUN_AS_ROOT=allow");
	else
		return true;
	return false;
}
