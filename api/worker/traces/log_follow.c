/*
 * A file is read to its end, then looked at by its name: another file there is
 * the next one, a shorter one begins again. So a rotation loses no line, unless
 * the log is rotated twice while nobody reads.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log_follow.h"

static char *whole_line(struct log_follow *);
static bool  fill(struct log_follow *);
static bool  next_file(struct log_follow *);

int
log_follow_open(struct log_follow *f, const char *path)
{
	memset(f, 0, sizeof(*f));
	f->path = path;
	if (strcmp(path, "-") == 0) {
		f->fd = STDIN_FILENO;
		return 0;
	}
	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd == -1)
		return -1;
	return lseek(f->fd, 0, SEEK_END) == -1 ? -1 : 0;
}

const char *
log_follow_line(struct log_follow *f)
{
	char *line;

	do {
		line = whole_line(f);
		if (line != NULL)
			return line;
	} while (fill(f));
	return NULL;
}

static char *
whole_line(struct log_follow *f)
{
	char *line, *end;
	bool  tail;

	while ((end = memchr(f->bytes + f->begin, '\n', f->end - f->begin)) !=
	    NULL) {
		line = f->bytes + f->begin;
		*end = '\0';
		f->begin = (size_t)(end - f->bytes) + 1;
		tail = f->passing_over;
		f->passing_over = false;
		if (!tail)
			return line;
	}
	return NULL;
}

/* Whether there is more than before. */
static bool
fill(struct log_follow *f)
{
	ssize_t n;

	memmove(f->bytes, f->bytes + f->begin, f->end - f->begin);
	f->end -= f->begin;
	f->begin = 0;
	if (f->end == sizeof(f->bytes)) {
		f->passing_over = true;
		f->end = 0;
	}
	n = read(f->fd, f->bytes + f->end, sizeof(f->bytes) - f->end);
	if (n > 0) {
		f->end += (size_t)n;
		return true;
	}
	if (n == 0 && f->fd == STDIN_FILENO)
		f->ended = true;
	return n == 0 && next_file(f);
}

static bool
next_file(struct log_follow *f)
{
	struct stat mine, named;
	int	    fd;

	if (f->fd == STDIN_FILENO || stat(f->path, &named) == -1 ||
	    fstat(f->fd, &mine) == -1)
		return false;
	if (mine.st_ino == named.st_ino && mine.st_dev == named.st_dev)
		return named.st_size < lseek(f->fd, 0, SEEK_CUR) &&
		    lseek(f->fd, 0, SEEK_SET) == 0;
	fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return false;
	(void)close(f->fd);
	f->fd = fd;
	f->end = 0;
	return true;
}
