/*
 * casework-worker: what its threads share. Each is plain and blocking, with a
 * connection of its own; they meet in PostgreSQL, in the counters, and here.
 */
#ifndef CASEWORK_WORKER_H
#define CASEWORK_WORKER_H

#include <stdbool.h>
#include <stddef.h>

/* Settings: environment variables, read once (table in config.c). */
struct worker_config {
	const char *database_url;
	const char *pgpassfile; /* libpq reads it */
	const char *log_file;
	const char *bind, *port; /* of /livez, /readyz, /metrics */
	const char *public_url;	 /* {api} in a mail */
	const char *portal_url;	 /* {portal} in a mail */
	const char *mail_from;
	const char *mail_host; /* behind the @ of mail_from */
	const char *mail_dir;  /* a maildir, when there is no smtp_url */
	const char *smtp_url;
	const char *smtp_user, *smtp_password_file, *smtp_password;
	const char *smtp_starttls, *smtp_ca_file;
	const char *status_dir; /* no status files when empty */
	const char *status_key_file, *status_url, *status_name;
	const char *webhook_allow;   /* networks besides the public ones */
	const char *webhook_ca_file; /* instead of the system's */
	long	    webhook_connections, webhook_timeout, webhook_lease;
	long	    smtp_timeout;
	long	    mail_senders;
	long	    mail_lease, mail_retry, mail_attempts;
	long	    timer_seconds, timer_batch;
	long	    drain_seconds;
};

extern struct worker_config worker_config;

/* 0, or -1 with a line in err. */
int  worker_config_load(char *err, size_t errlen);
void worker_config_help(void);

/* ---- ending (ending.c) ---- */

/* 0, or -1 with errno set. */
int  ending_init(void);
void ending_begin(void);
bool ending(void);
/*
 * Waits until milliseconds have passed, or there is something to read on fd
 * (-1: none), or the worker ends. Whether fd can be read.
 */
bool ending_wait(int fd, int milliseconds);

/* ---- threads: each returns when the worker ends ---- */

void *timers_run(void *);
/* Whether PostgreSQL has answered within the last seconds. */
bool  timers_ready(void);
void *mail_run(void *);
void *webhooks_run(void *);
void *publisher_run(void *);
void *health_run(void *);
/*
 * Opens the socket that health_run() answers on; /readyz tells what ready()
 * says. 0, or -1 with a line.
 */
int health_open(bool (*ready)(void), char *err, size_t errlen);

#endif
