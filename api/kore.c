/*
 * What Kore expects of a program that it is compiled into: a version and an
 * embedded configuration. Ours says nothing that is not the default, because
 * main.c builds the server with calls, from the settings. And a handler of
 * signals that loses none.
 */
#include <sys/time.h>
#include <sys/types.h>

#include <kore/kore.h>

#include <signal.h>

#include "ending.h"

#define WAKE_US 250000

const char *kore_version = "4.1.0";
u_int8_t    asset_builtin_kore_conf[] = "seccomp_tracing no\n";
u_int32_t   asset_len_builtin_kore_conf = sizeof(asset_builtin_kore_conf) - 1;

#ifdef CASEWORK_SANITIZE
const char *__lsan_default_suppressions(void);

/*
 * Kore's own: a worker never frees its filter, and a worker that is started
 * again loses the parent's pools when it makes its own.
 */
const char *
__lsan_default_suppressions(void)
{
	return ("leak:kore_seccomp_enable\nleak:kore_pool_init\n");
}
#endif

static volatile sig_atomic_t ending; /* the signal, or 0 */

static void
wake(int sig)
{
	(void)sig;
}

/*
 * Stands in for Kore's handler, which the Makefile makes weak. Kore keeps one
 * signal in one variable: there, the death of a worker hides a SIGTERM that
 * came just before it.
 */
void
kore_signal(int sig)
{
	if (sig == SIGTERM || sig == SIGINT || sig == SIGQUIT)
		ending = sig;
	sig_recv = ending != 0 ? ending : sig;
}

void
ending_remind(void)
{
	if (ending != 0)
		sig_recv = ending;
}

int
ending_watch(void)
{
	const struct sigaction sa = { .sa_handler = wake };
	const struct itimerval every = {
		.it_interval = { .tv_usec = WAKE_US },
		.it_value = { .tv_usec = WAKE_US },
	};

	if (sigaction(SIGALRM, &sa, NULL) == -1)
		return (-1);
	return (setitimer(ITIMER_REAL, &every, NULL));
}
