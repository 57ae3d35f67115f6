/*
 * How the threads learn that the worker stops: an eventfd that stays readable
 * once SIGTERM has come, so that every wait is over at once.
 */
#include <sys/eventfd.h>

#include <poll.h>
#include <stdatomic.h>
#include <unistd.h>

#include "rounds.h"
#include "stopping.h"

static int	   event = -1;
static atomic_bool begun;

int
stopping_init(void)
{
	event = eventfd(0, EFD_CLOEXEC);
	return event == -1 ? -1 : 0;
}

void
stopping_begin(void)
{
	const unsigned long long one = 1;

	begun = true;
	(void)!write(event, &one, sizeof(one));
}

bool
stopping(void)
{
	rounds_turn();
	return begun;
}

int
stopping_fd(void)
{
	return event;
}

bool
stopping_wait(int fd, int milliseconds)
{
	struct pollfd fds[] = {
		{ .fd = event, .events = POLLIN },
		{ .fd = fd, .events = POLLIN },
	};

	return poll(fds, 2, milliseconds) > 0 && fds[1].revents != 0;
}
