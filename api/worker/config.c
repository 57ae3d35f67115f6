/*
 * The settings of the worker, and what holds between them.
 */
#include <stdio.h>
#include <string.h>

#include "address.h"
#include "mime.h"
#include "settings.h"
#include "smtp.h"
#include "worker.h"

struct worker_config worker_config;

#define C worker_config

static const struct setting settings[] = {
	{ "DATABASE_URL", "", &C.database_url, NULL, 0, 0,
	    "libpq URL or conninfo; user and password come from the role" },
	{ "PGPASSFILE", "", &C.pgpassfile, NULL, 0, 0,
	    "libpq's own: the role's password" },
	{ "LOG_FILE", "-", &C.log_file, NULL, 0, 0,
	    "JSON lines; - is standard output" },
	{ "WORKER_BIND", "127.0.0.1", &C.bind, NULL, 0, 0,
	    "address of /livez, /readyz and /metrics" },
	{ "WORKER_PORT", "8081", &C.port, NULL, 0, 0, "their TCP port" },
	{ "PUBLIC_URL", "http://127.0.0.1:8080", &C.public_url, NULL, 0, 0,
	    "base of the links to the service in mails" },
	{ "PORTAL_URL", "", &C.portal_url, NULL, 0, 0,
	    "base of the links to cases in mails, default PUBLIC_URL" },
	{ "MAIL_FROM", "no-reply@casework.example", &C.mail_from, NULL, 0, 0,
	    "sender of every mail; nobody reads what is sent there" },
	{ "MAIL_DIR", "", &C.mail_dir, NULL, 0, 0,
	    "maildir that gets the mails while SMTP_URL is not set" },
	{ "SMTP_URL", "", &C.smtp_url, NULL, 0, 0,
	    "smtp://host:port or smtps://host:port" },
	{ "SMTP_STARTTLS", "required", &C.smtp_starttls, NULL, 0, 0,
	    "required, try or none" },
	{ "SMTP_CA_FILE", "", &C.smtp_ca_file, NULL, 0, 0,
	    "certificate authorities (PEM) instead of the system's" },
	{ "SMTP_USER", "", &C.smtp_user, NULL, 0, 0,
	    "user name, when the mail server asks for one" },
	{ "SMTP_PASSWORD_FILE", "", &C.smtp_password_file, NULL, 0, 0,
	    "file whose first line is the password" },
	{ "SMTP_TIMEOUT", "30", NULL, &C.smtp_timeout, 1, 3600,
	    "seconds until a delivery is given up" },
	{ "MAIL_SENDERS", "2", NULL, &C.mail_senders, 0, 64,
	    "mails sent at once" },
	{ "MAIL_LEASE_SECONDS", "60", NULL, &C.mail_lease, 2, 86400,
	    "until another worker may send what this one was sending" },
	{ "MAIL_RETRY_SECONDS", "30", NULL, &C.mail_retry, 1, 3600,
	    "until the second attempt; doubles with each, up to an hour" },
	{ "MAIL_ATTEMPTS", "30", NULL, &C.mail_attempts, 1, 1000,
	    "attempts until a mail has failed" },
	{ "WEBHOOK_CONNECTIONS", "32", NULL, &C.webhook_connections, 0, 500,
	    "webhooks posted to at once; 0 is none by this worker" },
	{ "WEBHOOK_TIMEOUT", "20", NULL, &C.webhook_timeout, 1, 300,
	    "seconds that a receiver has to answer" },
	{ "WEBHOOK_LEASE_SECONDS", "60", NULL, &C.webhook_lease, 2, 86400,
	    "until another worker may post what this one was posting" },
	{ "WEBHOOK_ALLOW", "", &C.webhook_allow, NULL, 0, 0,
	    "networks besides public ones: 10.1.0.0/16,fd00::/8" },
	{ "WEBHOOK_CA_FILE", "", &C.webhook_ca_file, NULL, 0, 0,
	    "certificate authorities (PEM) instead of the system's" },
	{ "STATUS_DIR", "", &C.status_dir, NULL, 0, 0,
	    "directory of the public status files; none without it" },
	{ "STATUS_KEY_FILE", "", &C.status_key_file, NULL, 0, 0,
	    "secret of 32 bytes or more that signs their snapshot" },
	{ "STATUS_URL", "https://status.casework.example", &C.status_url, NULL,
	    0, 0, "where the status files are served from" },
	{ "STATUS_NAME", "", &C.status_name, NULL, 0, 0,
	    "name of the status page" },
	{ "TIMER_SECONDS", "1", NULL, &C.timer_seconds, 1, 60,
	    "between two looks at the timers while nobody wakes the worker" },
	{ "TIMER_BATCH", "100", NULL, &C.timer_batch, 1, 10000,
	    "items that a timer handles in one transaction" },
	{ "DRAIN_SECONDS", "10", NULL, &C.drain_seconds, 0, 600,
	    "longest wait for the mails in hand on SIGTERM" },
};

#define NSETTINGS (sizeof(settings) / sizeof(settings[0]))

static int check_mail(char *, size_t);
static int check_webhooks(char *, size_t);

int
worker_config_load(char *err, size_t errlen)
{
	if (settings_load(settings, NSETTINGS, err, errlen) == -1 ||
	    settings_check_port("WORKER_PORT", C.port, err, errlen) == -1 ||
	    settings_check_url("PUBLIC_URL", C.public_url, err, errlen) == -1 ||
	    settings_check_url("PORTAL_URL", C.portal_url, err, errlen) == -1 ||
	    settings_check_url("STATUS_URL", C.status_url, err, errlen) == -1 ||
	    settings_check_file("SMTP_CA_FILE", C.smtp_ca_file, err, errlen) ==
		-1 ||
	    settings_check_file("WEBHOOK_CA_FILE", C.webhook_ca_file, err,
		errlen) == -1 ||
	    check_mail(err, errlen) == -1 || smtp_check(err, errlen) == -1 ||
	    check_webhooks(err, errlen) == -1)
		return (-1);
	if (*C.portal_url == '\0')
		C.portal_url = C.public_url;
	return (0);
}

void
worker_config_help(void)
{
	settings_help(settings, NSETTINGS);
}

static int
check_mail(char *err, size_t errlen)
{
	if (!mime_is_address(C.mail_from)) {
		snprintf(err, errlen,
		    "MAIL_FROM=%s: use an address like "
		    "no-reply@example.org",
		    C.mail_from);
		return (-1);
	}
	C.mail_host = strchr(C.mail_from, '@') + 1;
	if (C.smtp_timeout >= C.mail_lease) {
		snprintf(err, errlen,
		    "MAIL_LEASE_SECONDS=%ld: use more than "
		    "SMTP_TIMEOUT=%ld",
		    C.mail_lease, C.smtp_timeout);
		return (-1);
	}
	return (0);
}

static int
check_webhooks(char *err, size_t errlen)
{
	char why[256];

	if (address_allow(C.webhook_allow, why, sizeof(why)) == -1) {
		snprintf(err, errlen, "WEBHOOK_ALLOW=%s", why);
		return (-1);
	}
	if (C.webhook_timeout >= C.webhook_lease) {
		snprintf(err, errlen,
		    "WEBHOOK_LEASE_SECONDS=%ld: use more than "
		    "WEBHOOK_TIMEOUT=%ld",
		    C.webhook_lease, C.webhook_timeout);
		return (-1);
	}
	return (0);
}
