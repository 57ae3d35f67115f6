/*
 * A maildir: what a newcomer looks at. A mail is written in tmp/ and renamed
 * into new/ when it is complete and on disk. Its name is its Message-ID, so a
 * repeat takes the place of the same mail.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "maildir.h"
#include "owner.h"

#define PATH_MAX_BYTES 4096

static int	     make(const char *, char *, size_t);
static enum delivery deliver(const char *, const struct letter *, char *,
    size_t);
static int	     write_letter(int, const struct letter *);

int
maildir_make(const char *directory, char *err, size_t errlen)
{
	int made;

	if (!owner_begin(directory, NULL, err, errlen))
		return -1;
	made = make(directory, err, errlen);
	owner_end();
	return made;
}

enum delivery
maildir_deliver(const char *directory, const struct letter *letter, char *err,
    size_t errlen)
{
	enum delivery delivery = DELIVERY_DEFERRED;

	if (owner_begin(directory, NULL, err, errlen))
		delivery = deliver(directory, letter, err, errlen);
	owner_end();
	return delivery;
}

static int
make(const char *directory, char *err, size_t errlen)
{
	static const char *const parts[] = { "", "/tmp", "/new", "/cur" };
	char			 path[PATH_MAX_BYTES];
	size_t			 i;

	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", directory, parts[i]);
		if (mkdir(path, 0700) == -1 && errno != EEXIST) {
			snprintf(err, errlen, "MAIL_DIR=%s: %s", path,
			    strerror(errno));
			return -1;
		}
	}
	return 0;
}

static enum delivery
deliver(const char *directory, const struct letter *letter, char *err,
    size_t errlen)
{
	char fresh[PATH_MAX_BYTES], final[PATH_MAX_BYTES];
	int  fd, failed;

	/* a name of this process and thread: the other might still write */
	snprintf(fresh, sizeof(fresh), "%s/tmp/%s.%d", directory,
	    letter->message_id, (int)gettid());
	snprintf(final, sizeof(final), "%s/new/%s", directory,
	    letter->message_id);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd == -1) {
		snprintf(err, errlen, "%s: %s", fresh, strerror(errno));
		return DELIVERY_DEFERRED;
	}
	failed = write_letter(fd, letter) == -1 || fsync(fd) == -1;
	failed |= close(fd) == -1;
	if (failed || rename(fresh, final) == -1) {
		snprintf(err, errlen, "%s: %s", final, strerror(errno));
		(void)unlink(fresh);
		return DELIVERY_DEFERRED;
	}
	return DELIVERED;
}

/* Lines of a file end with LF. */
static int
write_letter(int fd, const struct letter *letter)
{
	FILE  *file = fdopen(dup(fd), "w");
	size_t i;

	if (file == NULL)
		return -1;
	for (i = 0; i < letter->len; i++)
		if (letter->bytes[i] != '\r')
			(void)putc(letter->bytes[i], file);
	return fclose(file) == EOF ? -1 : 0;
}
