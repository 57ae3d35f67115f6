/*
 * A handler of signals that loses none, in place of Kore's.
 */
#include <sys/time.h>
#include <sys/types.h>

#include <kore/kore.h>

#include <signal.h>

#include "signals.h"

#define WAKE_US 250000

static volatile sig_atomic_t received; /* what ends the service, or 0 */

static void
wake(int sig)
{
	(void)sig;
}

/*
 * Stands in for Kore's handler, which the Makefile makes weak. Kore keeps one
 * signal in one variable: there, the death of a process hides a SIGTERM that
 * came just before it.
 */
void
kore_signal(int sig)
{
	if (sig == SIGTERM || sig == SIGINT || sig == SIGQUIT)
		received = sig;
	sig_recv = received != 0 ? received : sig;
}

void
signals_remind(void)
{
	if (received != 0)
		sig_recv = received;
}

int
signals_watch(void)
{
	const struct sigaction sa = { .sa_handler = wake };
	const struct itimerval every = {
		.it_interval = { .tv_usec = WAKE_US },
		.it_value = { .tv_usec = WAKE_US },
	};

	if (sigaction(SIGALRM, &sa, NULL) == -1)
		return -1;
	return setitimer(ITIMER_REAL, &every, NULL);
}
