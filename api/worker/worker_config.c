/*
 * The settings of the worker. What holds between them is checked by the part
 * that they are for.
 */
#include <stddef.h>

#include "settings.h"
#include "settings_url.h"
#include "worker_config.h"

struct worker_config worker_config;

#define C worker_config

static const struct setting settings[] = {
	{ "DATABASE_URL", "", &C.session.database_url, NULL, 0, 0,
	    "libpq URL or conninfo, several hosts in turn; user and password "
	    "come from the role" },
	{ "PGPASSFILE", "", &C.session.pgpassfile, NULL, 0, 0,
	    "libpq's own: the role's password" },
	{ "LOG_FILE", "-", &C.log_file, NULL, 0, 0,
	    "JSON lines; - is standard output" },
	{ "RUN_AS_ROOT", "refuse", &C.run_as_root, NULL, 0, 0,
	    "refuse or allow to run as root" },
	{ "WORKER_BIND", "127.0.0.1", &C.health.bind, NULL, 0, 0,
	    "address of /livez, /readyz and /metrics" },
	{ "WORKER_PORT", "8081", &C.health.port, NULL, 0, 0, "their TCP port" },
	{ "PUBLIC_URL", "http://127.0.0.1:8080", &C.mail.public_url, NULL, 0, 0,
	    "base of the links to the service in mails" },
	{ "PORTAL_URL", "", &C.mail.portal_url, NULL, 0, 0,
	    "base of the links to cases in mails, default PUBLIC_URL" },
	{ "MAIL_FROM", "no-reply@casework.example", &C.mail.from, NULL, 0, 0,
	    "sender of every mail; nobody reads what is sent there" },
	{ "MAIL_DIR", "", &C.mail.directory, NULL, 0, 0,
	    "maildir that gets the mails while SMTP_URL is not set" },
	{ "SMTP_URL", "", &C.mail.smtp.url, NULL, 0, 0,
	    "smtp://host:port or smtps://host:port" },
	{ "SMTP_STARTTLS", "required", &C.mail.smtp.starttls, NULL, 0, 0,
	    "required, try or none" },
	{ "SMTP_CA_FILE", "", &C.mail.smtp.ca_file, NULL, 0, 0,
	    "certificate authorities (PEM) instead of the system's" },
	{ "SMTP_USER", "", &C.mail.smtp.user, NULL, 0, 0,
	    "user name, when the mail server asks for one" },
	{ "SMTP_PASSWORD_FILE", "", &C.mail.smtp.password_file, NULL, 0, 0,
	    "file whose first line is the password" },
	{ "SMTP_TIMEOUT", "30", NULL, &C.mail.smtp.timeout, 1, 3600,
	    "seconds until a delivery is given up" },
	{ "MAIL_SENDERS", "2", NULL, &C.mail.senders, 0, 64,
	    "mails sent at once" },
	{ "MAIL_LEASE_SECONDS", "60", NULL, &C.mail.lease, 2, 86400,
	    "until another worker may send what this one was sending" },
	{ "MAIL_RETRY_SECONDS", "30", NULL, &C.mail.retry, 1, 3600,
	    "until the second attempt; doubles with each, up to an hour" },
	{ "MAIL_ATTEMPTS", "30", NULL, &C.mail.attempts, 1, 1000,
	    "attempts until a mail has failed" },
	{ "WEBHOOK_CONNECTIONS", "32", NULL, &C.webhooks.connections, 0, 500,
	    "webhooks posted to at once; 0 is none by this worker" },
	{ "WEBHOOK_TIMEOUT", "20", NULL, &C.webhooks.post.timeout, 1, 300,
	    "seconds that a receiver has to answer" },
	{ "WEBHOOK_LEASE_SECONDS", "60", NULL, &C.webhooks.lease, 2, 86400,
	    "until another worker may post what this one was posting" },
	{ "WEBHOOK_ALLOW", "", &C.webhooks.post.allow, NULL, 0, 0,
	    "networks besides public ones: 10.1.0.0/16,fd00::/8" },
	{ "WEBHOOK_CA_FILE", "", &C.webhooks.post.ca_file, NULL, 0, 0,
	    "certificate authorities (PEM) instead of the system's" },
	{ "ISSUER_CONNECTIONS", "8", NULL, &C.issuers.connections, 0, 100,
	    "issuers asked for their keys at once; 0 is none by this worker" },
	{ "ISSUER_TIMEOUT", "10", NULL, &C.issuers.get.timeout, 1, 300,
	    "seconds that an issuer has, with all its documents" },
	{ "ISSUER_ALLOW", "", &C.issuers.get.allow, NULL, 0, 0,
	    "networks besides public ones, also by http: 10.1.0.0/16" },
	{ "ISSUER_CA_FILE", "", &C.issuers.get.ca_file, NULL, 0, 0,
	    "certificate authorities (PEM) instead of the system's" },
	{ "IMPORT_BATCH", "200", NULL, &C.imports.batch, 0, 1000,
	    "lines of an import in one transaction; 0 is none by this worker" },
	{ "IMPORT_LEASE_SECONDS", "60", NULL, &C.imports.lease, 10, 86400,
	    "until another worker may go on with what this one was importing" },
	{ "STATUS_DIR", "", &C.statuspage.directory, NULL, 0, 0,
	    "directory of the public status files; none without it" },
	{ "STATUS_KEY_FILE", "", &C.statuspage.key_file, NULL, 0, 0,
	    "secret of 32 bytes or more that signs their snapshot" },
	{ "STATUS_URL", "https://status.casework.example", &C.statuspage.url,
	    NULL, 0, 0, "where the status files are served from" },
	{ "STATUS_NAME", "", &C.statuspage.name, NULL, 0, 0,
	    "name of the status page" },
	{ "TIMER_SECONDS", "1", NULL, &C.timers.seconds, 1, 60,
	    "between two looks at the timers while nobody wakes the worker" },
	{ "TIMER_BATCH", "100", NULL, &C.timers.batch, 1, 10000,
	    "items that a timer handles in one transaction" },
	{ "OTEL_EXPORTER_OTLP_ENDPOINT", "", &C.traces.endpoint, NULL, 0, 0,
	    "collector that `casework-worker traces` sends spans to" },
	{ "OTEL_EXPORTER_OTLP_HEADERS", "", &C.traces.headers, NULL, 0, 0,
	    "header fields for it, as name=value,name=value" },
	{ "OTEL_SERVICE_NAME", "casework", &C.traces.service, NULL, 0, 0,
	    "what the spans call the service" },
	{ "DRAIN_SECONDS", "10", NULL, &C.drain_seconds, 0, 600,
	    "longest wait for the mails in hand on SIGTERM" },
};

#define NSETTINGS (sizeof(settings) / sizeof(settings[0]))

int
worker_config_load(char *err, size_t errlen)
{
	if (settings_load(settings, NSETTINGS, err, errlen) == -1 ||
	    settings_check_port("WORKER_PORT", C.health.port, err, errlen) ==
		-1 ||
	    settings_url_read("PUBLIC_URL", &C.mail.public_url, err, errlen) ==
		-1 ||
	    settings_url_read("PORTAL_URL", &C.mail.portal_url, err, errlen) ==
		-1 ||
	    settings_url_read("STATUS_URL", &C.statuspage.url, err, errlen) ==
		-1 ||
	    settings_check_file("SMTP_CA_FILE", C.mail.smtp.ca_file, err,
		errlen) == -1 ||
	    settings_check_file("WEBHOOK_CA_FILE", C.webhooks.post.ca_file, err,
		errlen) == -1 ||
	    settings_check_file("ISSUER_CA_FILE", C.issuers.get.ca_file, err,
		errlen) == -1 ||
	    mail_check(&C.mail, err, errlen) == -1 ||
	    webhooks_check(&C.webhooks, err, errlen) == -1 ||
	    issuers_check(&C.issuers, err, errlen) == -1)
		return -1;
	C.mail.status_url = C.statuspage.url;
	if (*C.mail.portal_url == '\0')
		C.mail.portal_url = C.mail.public_url;
	settings_url_read_bind(&C.health.bind);
	return 0;
}

/* A text cannot be wrong by itself, but a URL can. */
int
worker_config_load_texts(char *err, size_t errlen)
{
	size_t i;

	for (i = 0; i < NSETTINGS; i++)
		if (settings[i].text != NULL)
			(void)settings_load(&settings[i], 1, NULL, 0);
	return settings_url_read("STATUS_URL", &C.statuspage.url, err, errlen);
}

void
worker_config_help(void)
{
	settings_help(settings, NSETTINGS);
}

void
worker_config_print(void)
{
	settings_print(settings, NSETTINGS);
}
