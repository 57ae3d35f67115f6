/*
 * Settings: environment variables, read once in the parent (table in
 * config.c). Everything here lives as long as the process. Those of a floor
 * stand in its own struct, which it is given when it starts.
 */
#ifndef CASEWORK_CONFIG_H
#define CASEWORK_CONFIG_H

#include <stddef.h>

#include "auth_settings.h"
#include "connection.h"
#include "db.h"
#include "request_settings.h"

struct config {
	const char *bind;
	const char *port;
	const char *pgpassfile; /* libpq reads it */
	const char *keys_file;
	const char *cursor_key_file;
	const char *context_key_file;
	const char *log_file;
	const char *pid_file;
	const char *run_as_root;
	const char *token_issuer;
	const char *token_audience;
	const char *openapi_file; /* instead of the embedded one */
	const char *statements_file;
	long	    processes;
	long	    drain_seconds;
	long	    log_lines; /* a second and source, 0 is no limit */

	struct auth_settings	   auth;
	struct connection_settings connection;
	struct db_settings	   database;
	struct request_settings	   request;
};

extern struct config config;

/* 0, or -1 with a line in err that names the setting and what it may be. */
int config_load(char *err, size_t errlen);
/* One line per setting: name, default, meaning. */
void config_help(void);
/* The same as a file for systemd. */
void config_print(void);

#endif
