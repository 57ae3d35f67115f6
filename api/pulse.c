/*
 * From the processes to the parent, and from there to systemd. A process that
 * is silent for longer than FRESH_US silences the parent; systemd then ends
 * them all and starts anew (WatchdogSec=).
 */
#include <sys/types.h>

#include <kore/kore.h>

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "log.h"
#include "monotonic.h"
#include "notify.h"
#include "pulse.h"
#include "signals.h"

#define BEAT	  KORE_MSG_APP_BASE
#define FRESH_US  10000000
#define TELL_US	  1000000
#define PROCESSES 64

static int64_t heard_at[PROCESSES], told_at;
static bool    ended;

static void hear(struct kore_msg *, const void *);
static bool all_beat(int64_t);

void
pulse_watch(void)
{
	notify_start();
	(void)kore_msg_register(BEAT, hear);
}

/* In the parent, the one place where its event loop comes by regularly. */
static void
hear(struct kore_msg *message, const void *data)
{
	const int64_t now = monotonic_us();

	(void)data;
	heard_at[(message->src - 1) % PROCESSES] = now;
	if (signals_hung_up()) {
		log_reopen();
		/* Kore has, unless another signal came at the same time. */
		kore_worker_dispatch_signal(SIGHUP);
	}
	if (now - told_at < TELL_US || !all_beat(now))
		return;
	notify(told_at == 0 ? "READY=1\nSTATUS=serving" : "WATCHDOG=1");
	told_at = now;
}

static bool
all_beat(int64_t now)
{
	long i;

	for (i = 0; i < config.processes; i++)
		if (heard_at[i] == 0 || now - heard_at[i] > FRESH_US)
			return false;
	return true;
}

void
pulse_beat(void)
{
	if (!ended)
		kore_msg_send(KORE_MSG_PARENT, BEAT, NULL, 0);
}

void
pulse_end(void)
{
	ended = true;
}
