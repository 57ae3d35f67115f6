/*
 * A handler of signals that loses none, in place of Kore's.
 */
#include <sys/time.h>
#include <sys/types.h>

#include <kore/kore.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <unistd.h>

#include "notify.h"
#include "signals.h"

#define WAKE_US 250000

static volatile sig_atomic_t received; /* what ends the service, or 0 */
static volatile sig_atomic_t hung_up;
static pid_t		     parent;

static void
wake(int sig)
{
	(void)sig;
}

/* It hears the parent only. */
static void
tell_systemd(void)
{
	const int before = errno;

	if (getpid() == parent)
		notify("STOPPING=1");
	errno = before;
}

/*
 * Stands in for Kore's handler, which the Makefile makes weak. Kore keeps one
 * signal in one variable: there, the death of a process hides a SIGTERM that
 * came just before it.
 */
void
kore_signal(int sig)
{
	if (sig == SIGHUP)
		hung_up = 1;
	if (sig == SIGTERM || sig == SIGINT || sig == SIGQUIT) {
		if (received == 0)
			tell_systemd();
		received = sig;
	}
	sig_recv = received != 0 ? received : sig;
}

void
signals_remind(void)
{
	if (received != 0)
		sig_recv = received;
}

bool
signals_hung_up(void)
{
	const bool has = hung_up != 0;

	hung_up = 0;
	return has;
}

int
signals_watch(void)
{
	const struct sigaction sa = { .sa_handler = wake };
	const struct itimerval every = {
		.it_interval = { .tv_usec = WAKE_US },
		.it_value = { .tv_usec = WAKE_US },
	};

	parent = getpid();
	if (sigaction(SIGALRM, &sa, NULL) == -1)
		return -1;
	return setitimer(ITIMER_REAL, &every, NULL);
}
