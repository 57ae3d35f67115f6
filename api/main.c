/*
 * Start-up and shutdown: Kore's hooks, nothing else. The parent reads every
 * file; its processes serve inside Kore's seccomp sandbox.
 */
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <kore/kore.h>
#include <kore/seccomp.h>

#include <errno.h>
#include <linux/sockios.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_admission.h"
#include "auth_keys.h"
#include "budget.h"
#include "commands.h"
#include "complain.h"
#include "config.h"
#include "connection.h"
#include "db.h"
#include "db_probe.h"
#include "known_issuers.h"
#include "log.h"
#include "log_limit.h"
#include "metrics.h"
#include "monotonic.h"
#include "operation.h"
#include "operation_bind.h"
#include "owner.h"
#include "pulse.h"
#include "runner.h"
#include "signals.h"
#include "start.h"
#include "variant.h"
#include "wire.h"

#define FLUSH_MS      100
#define SECOND_MS     1000
#define DRAIN_TURN_MS 20

/* Found by name: Kore looks these up in the binary. */
void kore_parent_configure(int, char **);
void kore_worker_configure(void);
void kore_worker_teardown(void);
void kore_seccomp_hook(void);

static int serve(void);

static char  err[1024];
static pid_t parent;

void
kore_parent_configure(int argc, char **argv)
{
	int code = commands_run(argc, argv);

	if (code == -1)
		code = serve();
	if (code != -1) {
		(void)fflush(stdout);
		exit(code);
	}
}

/* Everything that can fail does so here, in the parent, with one line. */
static int
serve(void)
{
	struct kore_server *server;
	struct listener	   *l;
	struct rlimit	    files;

	if (!owner_may_serve(config.run_as_root, err, sizeof(err)) ||
	    start_contract(err, sizeof(err)) == -1 ||
	    start_keys(err, sizeof(err)) == -1 ||
	    start_cursor_key(err, sizeof(err)) == -1 ||
	    start_context_key(err, sizeof(err)) == -1 ||
	    start_database(err, sizeof(err)) == -1 ||
	    start_log(err, sizeof(err)) == -1)
		return complain(err);
	if (metrics_init((unsigned)config.processes,
		(unsigned)config.connection.clients) == -1) {
		snprintf(err, sizeof(err), "metrics: %s", strerror(errno));
		return complain(err);
	}

	if (signals_watch() == -1) {
		snprintf(err, sizeof(err), "timer: %s", strerror(errno));
		return complain(err);
	}

	parent = getpid();
	kore_foreground = 1;
	kore_quiet = 1;
	skip_chroot = 1; /* the service runs unprivileged as a whole */
	skip_runas = 1;
	worker_set_affinity = 0;
	worker_count = (u_int16_t)config.processes;
	worker_max_connections =
	    (u_int32_t)config.connection.clients + CONNECTION_SPARE;
	worker_rlimit_nofiles = (u_int32_t)config.connection.clients + 1024;
	kore_pidfile = kore_strdup(config.pid_file);
	/* Kore looks at every possible descriptor when a process starts. */
	if (getrlimit(RLIMIT_NOFILE, &files) == 0 &&
	    files.rlim_cur > worker_rlimit_nofiles) {
		files.rlim_cur = worker_rlimit_nofiles;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}

	server = kore_server_create("casework");
	server->tls = 0; /* terminated in front, see docker/ */
	if (!kore_server_bind(server, config.bind, config.port,
		"connection_accepted")) {
		snprintf(err, sizeof(err),
		    "cannot listen on %s port %s: "
		    "choose another PORT or BIND",
		    config.bind, config.port);
		return complain(err);
	}
	LIST_FOREACH (l, &server->listeners, list)
		wire_listen(l->fd);
	kore_server_finalize(server);
	if (start_pid_file(err, sizeof(err)) == -1)
		return complain(err);
	pulse_watch();
	return -1;
}

static void
every_second(void *arg, u_int64_t now)
{
	(void)arg;
	(void)now;
	switch (auth_reload(err, sizeof(err))) {
	case -1:
		log_event("keys_not_reloaded", NULL, err);
		break;
	case 1:
		log_event("keys_reloaded", NULL, config.keys_file);
		break;
	}
	metrics_gauges(connection_count(), budget_taken());
	pulse_beat();
}

static void
flush_log(void *arg, u_int64_t now)
{
	(void)arg;
	(void)now;
	log_limit_report(monotonic_us());
	log_flush();
	if (signals_hung_up())
		log_reopen();
	/* Nobody could end it without its parent, or start another. */
	if (getppid() != parent)
		kore_signal(SIGTERM);
	signals_remind();
}

static void
start_pools(void)
{
	const struct query *begin[CALLER_KINDS];
	int		    k;

	for (k = 0; k < CALLER_KINDS; k++)
		begin[k] = &variant_take(operation_begin((enum caller_kind)k),
		    statement_set_none(), NULL)
				->query; /* for good */
	db_start(&config.database, begin, auth_admission_proof);
	db_probe_start();
	known_issuers_start();
}

void
kore_worker_configure(void)
{
	/* Large blocks go back to the system when they are freed: by default
	   the first of them would make malloc() keep all later ones. */
	(void)mallopt(M_MMAP_THRESHOLD, 128 * 1024);
	metrics_process((unsigned)(worker->id - 1));
	log_reopen(); /* the parent's may have been rotated since it started */
	log_limit_start(config.log_lines);
	request_start(&config.request);
	budget_start(operation_body_max());
	connection_start(&request_handlers, &config.connection);
	start_pools();
	kore_timer_add(every_second, SECOND_MS, NULL, 0);
	kore_timer_add(flush_log, FLUSH_MS, NULL, 0);
	log_event("worker_started", NULL, "serving");
}

/*
 * Drain: nothing new is accepted, idle connections close, what is in flight
 * is answered, for at most DRAIN_SECONDS. Kore would drop it.
 */
void
kore_worker_teardown(void)
{
	struct kore_server *server;
	struct listener	   *l;
	u_int64_t	    end;

	pulse_end();
	log_event("drain_started", NULL, "SIGTERM");
	if (worker->has_lock) {
		kore_platform_disable_accept();
		LIST_FOREACH (server, &kore_servers, list)
			LIST_FOREACH (l, &server->listeners, list)
				if (config.processes == 1)
					(void)shutdown(l->fd, SHUT_RD);
	}
	connection_drain();
	db_probe_stop();
	known_issuers_stop();
	end = kore_time_ms() + (u_int64_t)config.drain_seconds * 1000;
	while ((connection_count_busy() > 0 ||
		   db_inflight() >
		       db_probe_inflight() + known_issuers_inflight()) &&
	    kore_time_ms() < end) {
		kore_platform_event_wait(DRAIN_TURN_MS);
		kore_timer_run(kore_time_ms());
		kore_connection_prune(KORE_CONNECTION_PRUNE_DISCONNECT);
	}
	log_event("drain_ended", NULL,
	    connection_count_busy() == 0 ? "every request was answered" :
					   "requests were dropped");
	db_stop();
}

/* What libpq needs on top of Kore's list, and shutdown(2), lingering close. */
static struct sock_filter filter[] = {
	/* first, because the list is walked for each call */
	KORE_SYSCALL_ALLOW(writev),
	KORE_SYSCALL_ALLOW(recvfrom),
	KORE_SYSCALL_ALLOW(sendto),
	KORE_SYSCALL_ALLOW(socket),
	KORE_SYSCALL_ALLOW(connect),
	KORE_SYSCALL_ALLOW(shutdown),
	KORE_SYSCALL_ALLOW(getsockopt),
	KORE_SYSCALL_ALLOW_ARG(ioctl, 1, SIOCOUTQ),
	KORE_SYSCALL_ALLOW(getsockname),
	KORE_SYSCALL_ALLOW(getpeername),
	KORE_SYSCALL_ALLOW(newfstatat),
	KORE_SYSCALL_ALLOW(getdents64),
	KORE_SYSCALL_ALLOW(uname),
	KORE_SYSCALL_ALLOW(mremap), /* realloc() of what is large */
	KORE_SYSCALL_ALLOW(sendmmsg),
	KORE_SYSCALL_ALLOW(recvmsg),
	KORE_SYSCALL_ALLOW(bind),
	KORE_SYSCALL_ALLOW(getegid),
	KORE_SYSCALL_ALLOW(getppid),
	KORE_SYSCALL_ALLOW(getgid),
	KORE_SYSCALL_ALLOW(gettid),
	KORE_SYSCALL_ALLOW(tgkill),
	KORE_SYSCALL_ALLOW(setfsuid), /* the log of a service of root's */
	KORE_SYSCALL_ALLOW(setfsgid),
#ifdef CASEWORK_SANITIZE
	/* The sanitizers' run-time does as it likes. */
	BPF_STMT(BPF_RET + BPF_K, SECCOMP_RET_ALLOW),
#endif
};

void
kore_seccomp_hook(void)
{
	(void)kore_seccomp_filter("casework", filter, KORE_FILTER_LEN(filter));
}
