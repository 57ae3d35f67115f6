/*
 * Telling systemd, without its library. WATCHDOG_USEC is not read: both
 * programs say several times in any span worth setting that they are well.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "notify.h"

static int		  fd = -1;
static struct sockaddr_un there;
static socklen_t	  there_len;

void
notify_start(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t	    len = path == NULL ? 0 : strlen(path);

	if (len < 2 || len >= sizeof(there.sun_path) ||
	    (*path != '/' && *path != '@'))
		return;
	there.sun_family = AF_UNIX;
	memcpy(there.sun_path, path, len);
	if (*path == '@') /* a name that is in no directory */
		there.sun_path[0] = '\0';
	there_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

void
notify(const char *state)
{
	if (fd != -1)
		(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		    (const struct sockaddr *)&there, there_len);
}
