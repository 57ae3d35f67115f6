/*
 * casework-worker: what happens without anybody asking. The command line, the
 * threads, and how they stop on SIGTERM; nothing else.
 */
#include <curl/curl.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "administrator.h"
#include "complain.h"
#include "embedded.h"
#include "health.h"
#include "imports.h"
#include "issuers.h"
#include "log.h"
#include "mail.h"
#include "notify.h"
#include "owner.h"
#include "publisher.h"
#include "readiness.h"
#include "rounds.h"
#include "session.h"
#include "statuspage_database.h"
#include "statuspage_html.h"
#include "statuspage_operator.h"
#include "stopping.h"
#include "thread_log.h"
#include "timers.h"
#include "traces.h"
#include "version.h"
#include "wake.h"
#include "webhooks.h"
#include "worker_config.h"

#define THREADS_MAX 80

static int run(int, char **);
static int status(int, char **);
static int publish(int, char **);
static int administrator(int, char **);
static int traces(int, char **);
static int settings(int, char **);
static int version(int, char **);
static int help(int, char **);

/* Each returns the exit code. */
static const struct {
	const char *name, *usage;
	int (*run)(int, char **);
} commands[] = {
	{ "run", "run", run },
	{ "status", "status              write the status files once", status },
	{ "publish", "publish --incident ID|new --status STATUS --text TEXT …",
	    publish },
	{ "administrator",
	    "administrator --issuer URL --subject SUBJECT --name NAME",
	    administrator },
	{ "traces", "traces LOG_FILE|-   send its requests to a collector",
	    traces },
	{ "settings", "settings            a file of them, for systemd",
	    settings },
	{ "version", "version", version },
	{ "--version", "--version", version },
	{ "help", "help", help },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

/* What a turn of a thread may take, beside what its own settings allow: longer
 * than a database or a mail server that answers late. */
#define PATIENCE_S 120

static const long once = 1, none = 0;

static const struct thread {
	const char *name;
	void *(*run)(void *);
	const long *count;
	const long *allowed; /* seconds, by a setting */
} threads[] = {
	{ "health", health_run, &once, &none },
	{ "readiness", readiness_run, &once, &none },
	{ "timers", timers_run, &once, &worker_config.timers.seconds },
	{ "mail", mail_run, &worker_config.mail.senders,
	    &worker_config.mail.smtp.timeout },
	{ "webhooks", webhooks_run, &once, &none },
	{ "issuers", issuers_run, &once, &none },
	{ "imports", imports_run, &once, &none },
	{ "publisher", publisher_run, &once, &none },
};

#define NTHREADS (sizeof(threads) / sizeof(threads[0]))

static char err[1024];

static int    prepare(void);
static void   await_end(const sigset_t *);
static void   tell_systemd(void);
static size_t start_threads(pthread_t *);
static void  *run_thread(void *);
static bool   join_threads(const pthread_t *, size_t);

int
main(int argc, char **argv)
{
	size_t i;

	setenv("TZ", STATUSPAGE_TZ, 1);
	tzset();
	for (i = 0; i < NCOMMANDS; i++)
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0)
			break;
	if (i == NCOMMANDS && argc > 1) {
		snprintf(err, sizeof(err),
		    "there is no command %s: try casework-worker help",
		    argv[1]);
		return complain(err);
	}
	if (i == NCOMMANDS) {
		(void)help(argc, argv);
		return 1;
	}
	return commands[i].run(argc, argv);
}

static int
status(int argc, char **argv)
{
	if (worker_config_load_texts(err, sizeof(err)) == -1)
		return complain(err);
	return statuspage_run_command(&worker_config.statuspage,
	    worker_config.session.database_url, argc - 1, argv + 1);
}

/*
 * Without the database, hence without most settings; the address of the page
 * stands in the snapshot.
 */
static int
publish(int argc, char **argv)
{
	(void)worker_config_load_texts(err, sizeof(err));
	return statuspage_publish_command(&worker_config.statuspage, argc - 1,
	    argv + 1);
}

static int
administrator(int argc, char **argv)
{
	return administrator_command(argc - 1, argv + 1);
}

/* Without the database, beside each service. */
static int
traces(int argc, char **argv)
{
	(void)worker_config_load_texts(err, sizeof(err));
	return traces_command(&worker_config.traces, argc - 1, argv + 1);
}

static int
help(int argc, char **argv)
{
	size_t i;

	(void)argc;
	(void)argv;
	printf("usage: casework-worker COMMAND\n\n");
	for (i = 0; i < NCOMMANDS; i++)
		printf("  %s\n", commands[i].usage);
	printf("\nsettings (environment):\n");
	worker_config_help();
	return 0;
}

static int
settings(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	worker_config_print();
	return 0;
}

static int
version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("casework-worker %s\n", version_text);
	return 0;
}

static int
run(int argc, char **argv)
{
	pthread_t started[THREADS_MAX];
	sigset_t  signals;
	size_t	  n;
	bool	  drained;

	(void)argc;
	(void)argv;
	if (prepare() == -1)
		return complain(err);
	/* blocked in every thread: this one takes them when it is ready */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	(void)signal(SIGPIPE, SIG_IGN);
	n = start_threads(started);
	thread_log("worker_started", NULL, "following");
	notify("READY=1\nSTATUS=following");

	await_end(&signals);
	notify("STOPPING=1");
	stopping_begin();
	wake_all();
	drained = join_threads(started, n);
	thread_log("drain_ended", NULL,
	    drained ? "every mail in hand was settled" :
		      "a mail in hand is left to its lease");
	if (!drained)
		_exit(0);
	curl_global_cleanup();
	return 0;
}

/* Until a signal that ends the worker has come. */
static void
await_end(const sigset_t *signals)
{
	const struct timespec second = { .tv_sec = 1 };
	int		      got;

	for (;;) {
		got = sigtimedwait(signals, NULL, &second);
		if (got == SIGHUP)
			thread_log_reopen();
		else if (got > 0)
			break;
		tell_systemd();
	}
	thread_log("drain_started", NULL, strsignal(got));
}

/* While every thread comes around. Otherwise it ends us (WatchdogSec=). */
static void
tell_systemd(void)
{
	static const char *overdue;
	const char	  *now = rounds_overdue();

	if (now == NULL)
		notify("WATCHDOG=1");
	else if (overdue == NULL)
		thread_log("thread_hangs", now, "its turn does not end");
	overdue = now;
}

/* Everything that can fail does so here, with one line. */
static int
prepare(void)
{
	const struct worker_config *c = &worker_config;

	if (worker_config_load(err, sizeof(err)) == -1 ||
	    !owner_may_serve(c->run_as_root, err, sizeof(err)) ||
	    session_init(&c->session, err, sizeof(err)) == -1)
		return -1;
	if (log_open(c->log_file) == -1) {
		snprintf(err, sizeof(err), "LOG_FILE=%s: %s", c->log_file,
		    strerror(errno));
		return -1;
	}
	if (stopping_init() == -1) {
		snprintf(err, sizeof(err), "eventfd: %s", strerror(errno));
		return -1;
	}
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
	notify_start();
	timers_init(&c->timers);
	webhooks_init(&c->webhooks);
	issuers_init(&c->issuers);
	if (imports_init(&c->imports, embedded_openapi_json,
		(size_t)(embedded_openapi_json_end - embedded_openapi_json),
		err, sizeof(err)) == -1 ||
	    mail_init(&c->mail, err, sizeof(err)) == -1 ||
	    publisher_init(&c->statuspage, err, sizeof(err)) == -1)
		return -1;
	return health_open(&c->health, readiness, err, sizeof(err));
}

static size_t
start_threads(pthread_t *started)
{
	size_t i, n = 0;
	long   k;

	for (i = 0; i < NTHREADS; i++) {
		for (k = 0; k < *threads[i].count && n < THREADS_MAX; k++) {
			errno = pthread_create(&started[n], NULL, run_thread,
			    (void *)(uintptr_t)&threads[i]);
			if (errno != 0) {
				perror("casework: thread");
				exit(1);
			}
			n++;
		}
	}
	return n;
}

static void *
run_thread(void *arg)
{
	const struct thread *t = arg;

	rounds_begin(t->name, PATIENCE_S + *t->allowed);
	(void)t->run(NULL);
	rounds_end();
	return NULL;
}

/* Whether all of them have returned within DRAIN_SECONDS. */
static bool
join_threads(const pthread_t *started, size_t n)
{
	struct timespec until;
	size_t		i;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += worker_config.drain_seconds;
	for (i = 0; i < n; i++)
		if (pthread_timedjoin_np(started[i], NULL, &until) != 0)
			return false;
	return true;
}
