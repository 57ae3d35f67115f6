/*
 * send() and recv() of this binary win symbol look-up over libc's, for libpq
 * too (linked -rdynamic). Only sockets of PostgreSQL are ever corked.
 */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>

#include <errno.h>
#include <unistd.h>

#include "cork.h"

#define FDS_MAX 65536

static bool corked;
static bool watched[FDS_MAX];

static bool
is_corked(int fd)
{
	return corked && fd >= 0 && fd < FDS_MAX && watched[fd];
}

void
cork(bool on)
{
	corked = on;
}

void
cork_watch(int fd)
{
	if (fd >= 0 && fd < FDS_MAX)
		watched[fd] = true;
}

void
cork_forget(int fd)
{
	if (fd >= 0 && fd < FDS_MAX)
		watched[fd] = false;
}

ssize_t
send(int fd, const void *buf, size_t len, int flags)
{
	if (is_corked(fd)) {
		errno = EAGAIN;
		return -1;
	}
	return syscall(SYS_sendto, fd, buf, len, flags, NULL, 0);
}

ssize_t
recv(int fd, void *buf, size_t len, int flags)
{
	if (is_corked(fd)) {
		errno = EAGAIN;
		return -1;
	}
	return syscall(SYS_recvfrom, fd, buf, len, flags, NULL, NULL);
}
