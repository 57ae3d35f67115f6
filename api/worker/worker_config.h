/*
 * The worker's settings: environment variables, read once. Each part declares
 * its own and is handed them by main.c.
 */
#ifndef CASEWORK_WORKER_CONFIG_H
#define CASEWORK_WORKER_CONFIG_H

#include <stddef.h>

#include "health.h"
#include "imports.h"
#include "issuers.h"
#include "mail.h"
#include "session.h"
#include "statuspage.h"
#include "timers.h"
#include "traces.h"
#include "webhooks.h"

struct worker_config {
	const char		  *log_file;
	const char		  *run_as_root;
	struct session_settings	   session;
	struct health_settings	   health;
	struct mail_settings	   mail;
	struct webhooks_settings   webhooks;
	struct issuers_settings	   issuers;
	struct imports_settings	   imports;
	struct statuspage_settings statuspage;
	struct timers_settings	   timers;
	struct traces_settings	   traces;
	long			   drain_seconds;
};

extern struct worker_config worker_config;

/* 0, or -1 with a line in err. */
int worker_config_load(char *err, size_t errlen);
/*
 * What the commands need that do without most of the service: they work
 * whatever else is set. 0, or -1 with a line in err.
 */
int  worker_config_load_texts(char *err, size_t errlen);
void worker_config_help(void);
/* The same as a file for systemd. */
void worker_config_print(void);

#endif
