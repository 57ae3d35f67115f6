/*
 * Settings: one table walked by reading and by help. A bad value is one
 * clear line, never a guess.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config.h"

struct config config;

struct setting {
	const char  *name;
	const char  *fallback; /* NULL: must be given to serve */
	const char **text;     /* either this … */
	long	    *number;   /* … or this, from min to max */
	long	     min, max;
	const char  *meaning;
};

static const struct setting settings[] = {
	{ "BIND", "127.0.0.1", &config.bind, NULL, 0, 0,
	    "address to listen on" },
	{ "PORT", "8080", &config.port, NULL, 0, 0, "TCP port" },
	{ "DATABASE_URL", "", &config.database_url, NULL, 0, 0,
	    "libpq URL or conninfo; user and password come from the role" },
	{ "KEYS_FILE", "", &config.keys_file, NULL, 0, 0,
	    "token keys (JSON), read again when it changes" },
	{ "CURSOR_KEY_FILE", "", &config.cursor_key_file, NULL, 0, 0,
	    "secret of 32 bytes or more that signs paging cursors" },
	{ "LOG_FILE", "-", &config.log_file, NULL, 0, 0,
	    "JSON lines; - is standard output" },
	{ "PID_FILE", "casework.pid", &config.pid_file, NULL, 0, 0,
	    "where the parent writes its process id" },
	{ "PUBLIC_URL", "", &config.public_url, NULL, 0, 0,
	    "base of the links in answers, default http://BIND:PORT" },
	{ "CORS_ORIGINS", "", &config.cors_origins, NULL, 0, 0,
	    "origins that browsers may call from, comma separated; * is any" },
	{ "TOKEN_ISSUER", "https://auth.casework.example", &config.token_issuer,
	    NULL, 0, 0, "required iss of a token" },
	{ "TOKEN_AUDIENCE", "casework", &config.token_audience, NULL, 0, 0,
	    "required aud of a token" },
	{ "OPENAPI_FILE", "", &config.openapi_file, NULL, 0, 0,
	    "JSON document to serve instead of the embedded one" },
	{ "STATEMENTS_FILE", "", &config.statements_file, NULL, 0, 0,
	    "named SQL statements instead of the embedded ones" },
	{ "WORKERS", "1", NULL, &config.workers, 1, 64, "worker processes" },
	{ "CONNECTIONS", "2000", NULL, &config.connections, 16, 60000,
	    "clients connected at once, per worker" },
	{ "READ_CONNECTIONS", "2", NULL, &config.read_connections, 1, 64,
	    "database connections for reads, per worker and caller kind" },
	{ "WRITE_CONNECTIONS", "8", NULL, &config.write_connections, 1, 64,
	    "the same for writes" },
	{ "SLOW_CONNECTIONS", "1", NULL, &config.slow_connections, 1, 64,
	    "the same for slow operations" },
	{ "RATE_LIMIT", "0", NULL, &config.rate_limit, 0, 1000000,
	    "requests a minute per caller and worker, 0 is no limit" },
	{ "DRAIN_SECONDS", "10", NULL, &config.drain_seconds, 0, 600,
	    "longest wait for requests in flight on SIGTERM" },
};

#define NSETTINGS (sizeof(settings) / sizeof(settings[0]))

static int read_number(const struct setting *, const char *, char *, size_t);

int
config_load(char *err, size_t errlen)
{
	static char url[256];
	const char *value;
	size_t	    i;

	for (i = 0; i < NSETTINGS; i++) {
		const struct setting *s = &settings[i];

		value = getenv(s->name);
		if (value == NULL || *value == '\0')
			value = s->fallback;
		if (s->text != NULL)
			*s->text = value;
		else if (read_number(s, value, err, errlen) == -1)
			return (-1);
	}

	{
		long		     port;
		const struct setting s = {
			.name = "PORT", .min = 1, .max = 65535, .number = &port
		};

		if (read_number(&s, config.port, err, errlen) == -1)
			return (-1);
	}

	if (*config.public_url == '\0') {
		snprintf(url, sizeof(url), "http://%s:%s", config.bind,
		    config.port);
		config.public_url = url;
	} else if (strncmp(config.public_url, "http", 4) != 0 ||
	    config.public_url[strlen(config.public_url) - 1] == '/') {
		snprintf(err, errlen,
		    "PUBLIC_URL=%s: use an http(s) URL "
		    "without a slash at its end",
		    config.public_url);
		return (-1);
	}
	return (0);
}

void
config_help(void)
{
	size_t i;

	for (i = 0; i < NSETTINGS; i++)
		printf("  %-18s %s%s%s%s\n", settings[i].name,
		    settings[i].meaning, *settings[i].fallback ? " (" : "",
		    settings[i].fallback, *settings[i].fallback ? ")" : "");
}

static int
read_number(const struct setting *s, const char *value, char *err,
    size_t errlen)
{
	char *end;
	long  n;

	errno = 0;
	n = strtol(value, &end, 10);
	if (errno != 0 || end == value || *end != '\0' || n < s->min ||
	    n > s->max) {
		snprintf(err, errlen,
		    "%s=%s: use a whole number from %ld "
		    "to %ld",
		    s->name, value, s->min, s->max);
		return (-1);
	}
	*s->number = n;
	return (0);
}
