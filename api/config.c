/*
 * The settings of the service, and what holds between them.
 */
#include <stdio.h>
#include <string.h>

#include "config.h"
#include "settings.h"
#include "settings_url.h"

struct config config;

static const char *proxies;

static const struct setting settings[] = {
	{ "BIND", "127.0.0.1", &config.bind, NULL, 0, 0,
	    "address to listen on" },
	{ "PORT", "8080", &config.port, NULL, 0, 0, "TCP port" },
	{ "DATABASE_URL", "", &config.database.url, NULL, 0, 0,
	    "libpq URL or conninfo, several hosts in turn; user and password "
	    "come from the role" },
	{ "PGPASSFILE", "", &config.pgpassfile, NULL, 0, 0,
	    "libpq's own: the roles' passwords" },
	{ "KEYS_FILE", "", &config.keys_file, NULL, 0, 0,
	    "token keys (JSON), read again when it changes" },
	{ "CURSOR_KEY_FILE", "", &config.cursor_key_file, NULL, 0, 0,
	    "secret of 32 bytes or more that seals paging cursors" },
	{ "CONTEXT_KEY_FILE", "", &config.context_key_file, NULL, 0, 0,
	    "secret shared with the database, which believes no caller else" },
	{ "LOG_FILE", "-", &config.log_file, NULL, 0, 0,
	    "JSON lines; - is standard output" },
	{ "LOG_LINES", "200", NULL, &config.log_lines, 0, 1000000,
	    "lines a second of one address without a caller, 0 is no limit" },
	{ "RUN_AS_ROOT", "refuse", &config.run_as_root, NULL, 0, 0,
	    "refuse or allow to serve as root" },
	{ "PID_FILE", "casework.pid", &config.pid_file, NULL, 0, 0,
	    "where the parent writes its process id" },
	{ "PUBLIC_URL", "", &config.request.public_url, NULL, 0, 0,
	    "base of the links in answers, default http://BIND:PORT" },
	{ "STATUS_URL", "https://status.casework.example",
	    &config.request.status_url, NULL, 0, 0,
	    "where people find the status page; the worker writes it" },
	{ "CORS_ORIGINS", "", &config.request.cors_origins, NULL, 0, 0,
	    "origins that browsers may call from, comma separated; * is any" },
	{ "TOKEN_ISSUER", "https://auth.casework.example", &config.token_issuer,
	    NULL, 0, 0, "required iss of a token" },
	{ "TOKEN_AUDIENCE", "casework", &config.token_audience, NULL, 0, 0,
	    "required aud of a token" },
	{ "TOKEN_HS256", "refuse", &config.auth.hs256, NULL, 0, 0,
	    "refuse or allow keys that can sign what they verify" },
	{ "TOKEN_MAX_LIFE", "86400", NULL, &config.auth.max_life, 60, 31536000,
	    "seconds from iat to exp of a token, at most" },
	{ "OPENAPI_FILE", "", &config.openapi_file, NULL, 0, 0,
	    "JSON document to serve instead of the embedded one" },
	{ "STATEMENTS_FILE", "", &config.statements_file, NULL, 0, 0,
	    "named SQL statements instead of the embedded ones" },
	{ "WORKERS", "1", NULL, &config.processes, 1, 64,
	    "processes that serve" },
	{ "CONNECTIONS", "2000", NULL, &config.connection.clients, 16, 60000,
	    "clients connected at once, per process" },
	{ "CONNECTIONS_PER_ADDRESS", "500", NULL,
	    &config.connection.per_address, 1, 60000,
	    "of one address (IPv6: /64) that is no trusted proxy, per process" },
	{ "TRUSTED_PROXIES", "", &proxies, NULL, 0, 0,
	    "networks of proxies, as 10.1.0.0/16,::1: who their clients are, "
	    "X-Forwarded-For says" },
	{ "READ_CONNECTIONS", "2", NULL, &config.database.connections[DB_READ],
	    1, 64,
	    "database connections for reads, per process and caller kind" },
	{ "WRITE_CONNECTIONS", "8", NULL,
	    &config.database.connections[DB_WRITE], 1, 64,
	    "the same for writes" },
	{ "SLOW_CONNECTIONS", "2", NULL, &config.database.connections[DB_SLOW],
	    1, 64, "the same for slow operations, one at a time" },
	{ "QUEUE_SECONDS", "5", NULL, &config.database.queue_seconds, 1, 60,
	    "longest wait for one of these" },
	{ "RATE_LIMIT", "0", NULL, &config.request.rate_limit, 0, 1000000,
	    "requests a minute per caller and process, 0 is no limit" },
	{ "BODY_MEMORY", "128", NULL, &config.request.body_memory, 16, 65536,
	    "MiB for bodies of more than 64 KiB in flight, per process" },
	{ "UNSENT_MEMORY", "64", NULL, &config.connection.unsent_memory, 16,
	    65536, "MiB for answers that wait to be taken, per process" },
	{ "ANSWER_MEMORY", "4", NULL, &config.request.answer_memory, 0, 1024,
	    "MiB for public answers that are kept, per process; 0: none" },
	{ "DRAIN_SECONDS", "10", NULL, &config.drain_seconds, 0, 600,
	    "longest wait for requests in flight on SIGTERM" },
};

#define NSETTINGS (sizeof(settings) / sizeof(settings[0]))

static int read_proxies(char *, size_t);

int
config_load(char *err, size_t errlen)
{
	static char url[256];

	if (settings_load(settings, NSETTINGS, err, errlen) == -1 ||
	    settings_check_port("PORT", config.port, err, errlen) == -1 ||
	    settings_url_read("PUBLIC_URL", &config.request.public_url, err,
		errlen) == -1 ||
	    settings_url_read("STATUS_URL", &config.request.status_url, err,
		errlen) == -1 ||
	    settings_url_read_origins("CORS_ORIGINS",
		&config.request.cors_origins, err, errlen) == -1 ||
	    read_proxies(err, errlen) == -1 ||
	    auth_settings_check(&config.auth, err, errlen) == -1)
		return -1;
	settings_url_read_bind(&config.bind);
	if (*config.request.public_url == '\0') {
		settings_url_make(url, sizeof(url), config.bind, config.port);
		config.request.public_url = url;
	}
	return 0;
}

static int
read_proxies(char *err, size_t errlen)
{
	char why[128];

	if (network_read_list(&config.connection.proxies, proxies, why,
		sizeof(why)) == 0)
		return 0;
	snprintf(err, errlen, "TRUSTED_PROXIES: %s", why);
	return -1;
}

void
config_help(void)
{
	settings_help(settings, NSETTINGS);
}

void
config_print(void)
{
	settings_print(settings, NSETTINGS);
}
