/*
 * Sending mails: lease one, build it, hand it over, write down what came of
 * it. Between lease and record nothing is locked; a worker that dies in there
 * leaves a lease that runs out, and the mail goes again with its Message-ID.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "arena.h"
#include "builder.h"
#include "counters.h"
#include "html.h"
#include "mail.h"
#include "maildir.h"
#include "mime.h"
#include "monotonic.h"
#include "session.h"
#include "smtp.h"
#include "stopping.h"
#include "thread_log.h"
#include "wake.h"
#include "wall_clock.h"

#define LOOK_MS	  1000
#define ERROR_MAX 500
#define JOB	  "mail"

static const char lease_one[] = "select id, kind, message_id, to_address,"
				" subject, text, unsubscribe, attempts, thread,"
				" sender_name, portal_url"
				" from rules.lease_mail($1::int, $2::int)";
static const char record_sent[] = "select rules.mail_sent($1::bigint)";
static const char record_refused[] =
    "select rules.mail_refused($1::bigint, $2::int, $3, $4::boolean,"
    " $5::int, $6::int)";

enum column {
	ID,
	KIND,
	MESSAGE_ID,
	TO,
	SUBJECT,
	TEXT,
	UNSUBSCRIBE,
	ATTEMPTS,
	THREAD,
	SENDER_NAME,
	PORTAL_URL /* instead of the setting, unless NULL */
};

/* A mail in hand; its strings live in the arena or in row. */
struct job {
	struct arena *arena;
	PGresult     *row;
	int64_t	      lease_ends; /* monotonic_us() */
	char	      error[ERROR_MAX];
};

static const struct mail_settings *settings;

static bool	     send_one(struct session *, struct smtp *);
static bool	     lease(struct session *, struct job *);
static enum delivery deliver(struct job *, struct smtp *);
static void	     settle(struct session *, struct job *, enum delivery);
static PGresult	    *record(struct session *, struct job *, enum delivery);
static const char   *as_html(const struct job *, const char *);
static const char   *value(const struct job *, enum column);
static const char   *portal_url(const struct job *);
static const char   *with_links(const struct job *, const char *);

int
mail_check(struct mail_settings *s, char *err, size_t errlen)
{
	if (!mime_is_address(s->from)) {
		snprintf(err, errlen,
		    "MAIL_FROM=%s: use an address like no-reply@example.org",
		    s->from);
		return -1;
	}
	s->host = strchr(s->from, '@') + 1;
	if (s->smtp.timeout >= s->lease) {
		snprintf(err, errlen,
		    "MAIL_LEASE_SECONDS=%ld: use more than SMTP_TIMEOUT=%ld",
		    s->lease, s->smtp.timeout);
		return -1;
	}
	if (*s->smtp.url == '\0' && *s->directory == '\0') {
		snprintf(err, errlen, "set SMTP_URL or MAIL_DIR");
		return -1;
	}
	return *s->smtp.url == '\0' ? 0 : smtp_check(&s->smtp, err, errlen);
}

int
mail_init(const struct mail_settings *given, char *err, size_t errlen)
{
	settings = given;
	return *settings->smtp.url == '\0' ?
	    maildir_make(settings->directory, err, errlen) :
	    0;
}

void *
mail_run(void *arg)
{
	struct session s = { .name = JOB };
	struct smtp   *smtp;
	unsigned long  count;

	(void)arg;
	smtp = *settings->smtp.url == '\0' ? NULL : smtp_open(&settings->smtp);
	while (!stopping()) {
		count = wake_count();
		if (session_up(&s) && !send_one(&s, smtp))
			wake_wait(count, LOOK_MS);
	}
	session_close(&s);
	if (smtp != NULL)
		smtp_close(smtp);
	return NULL;
}

/* Whether there was one. */
static bool
send_one(struct session *s, struct smtp *smtp)
{
	struct job job = { .row = NULL };

	if (!lease(s, &job))
		return false;
	job.arena = arena_new();
	counters_add(JOBS_LEASED, JOB, 1);
	settle(s, &job, deliver(&job, smtp));
	arena_free(job.arena);
	PQclear(job.row);
	return true;
}

static bool
lease(struct session *s, struct job *job)
{
	char	    seconds[24], attempts[24];
	const char *params[] = { seconds, attempts };

	snprintf(seconds, sizeof(seconds), "%ld", settings->lease);
	snprintf(attempts, sizeof(attempts), "%ld", settings->attempts);
	job->lease_ends = monotonic_us() + (int64_t)settings->lease * 1000000;
	job->row = session_run(s, lease_one, 2, params);
	if (job->row != NULL && PQntuples(job->row) > 0)
		return true;
	PQclear(job->row);
	return false;
}

/* A mail that cannot be built is refused by us, for good. */
static enum delivery
deliver(struct job *job, struct smtp *smtp)
{
	const char	*id = arena_printf(job->arena, "%s@%s",
		 value(job, MESSAGE_ID), settings->host);
	const char	*link = value(job, UNSUBSCRIBE), *why;
	const char	*thread = value(job, THREAD);
	const char	*text = with_links(job, value(job, TEXT));
	struct mime_mail mail = {
		.from = settings->from,
		.from_name = value(job, SENDER_NAME),
		.to = value(job, TO),
		.subject = value(job, SUBJECT),
		.message_id = id,
		.thread = thread == NULL ?
		    NULL :
		    arena_printf(job->arena, "%s@%s", thread, settings->host),
		.date = wall_clock_seconds(),
		.unsubscribe = link == NULL ? NULL : with_links(job, link),
		.text = text,
		.html = as_html(job, text),
	};
	struct letter letter = {
		.message_id = id, .from = mail.from, .to = mail.to
	};

	letter.bytes = mime_build(job->arena, &mail, &letter.len, &why);
	if (letter.bytes == NULL) {
		snprintf(job->error, sizeof(job->error),
		    "the header %s would not be valid", why);
		return DELIVERY_REFUSED;
	}
	if (smtp == NULL)
		return maildir_deliver(settings->directory, &letter, job->error,
		    sizeof(job->error));
	return smtp_deliver(smtp, &letter, job->error, sizeof(job->error));
}

static const char *
as_html(const struct job *job, const char *text)
{
	const char *const own[] = { settings->public_url, portal_url(job),
		settings->status_url, NULL };

	return html_build(job->arena,
	    &(struct html_text){
		.title = value(job, SUBJECT), .text = text, .own = own });
}

/*
 * The database may have gone meanwhile. While the lease lasts nobody else has
 * the mail, so the record is worth several attempts.
 */
static void
settle(struct session *s, struct job *job, enum delivery delivery)
{
	const char *kind = value(job, KIND);
	PGresult   *result = NULL;
	bool	    failed;

	do {
		if (session_up(s))
			result = record(s, job, delivery);
	} while (result == NULL && !stopping() &&
	    monotonic_us() < job->lease_ends);

	counters_add(delivery == DELIVERED ? JOBS_DONE : JOBS_FAILED, JOB, 1);
	failed = result != NULL && delivery != DELIVERED &&
	    *PQgetvalue(result, 0, 0) == 't';
	if (delivery == DELIVERED)
		counters_add(MAILS_SENT, kind, 1);
	else if (failed)
		counters_add(MAILS_FAILED, kind, 1);
	/* not why: what a server says may name the recipient */
	thread_log(delivery == DELIVERED ? "mail_sent" :
		failed			 ? "mail_failed" :
					   "mail_deferred",
	    value(job, MESSAGE_ID), kind);
	PQclear(result);
}

static PGresult *
record(struct session *s, struct job *job, enum delivery delivery)
{
	char	    retry[24], attempts[24];
	const char *params[] = { value(job, ID), value(job, ATTEMPTS),
		job->error, delivery == DELIVERY_REFUSED ? "t" : "f", retry,
		attempts };

	if (delivery == DELIVERED)
		return session_run(s, record_sent, 1, params);
	snprintf(retry, sizeof(retry), "%ld", settings->retry);
	snprintf(attempts, sizeof(attempts), "%ld", settings->attempts);
	return session_run(s, record_refused, 6, params);
}

/* NULL is SQL NULL. */
static const char *
value(const struct job *job, enum column column)
{
	if (PQgetisnull(job->row, 0, (int)column))
		return NULL;
	return PQgetvalue(job->row, 0, (int)column);
}

static const char *
portal_url(const struct job *job)
{
	const char *url = value(job, PORTAL_URL);

	return url == NULL ? settings->portal_url : url;
}

/* The text with {api}, {portal} and {status} replaced by what they are here. */
static const char *
with_links(const struct job *job, const char *text)
{
	const struct {
		const char *field, *link;
	} links[] = {
		{ "{api}", settings->public_url },
		{ "{portal}", portal_url(job) },
		{ "{status}", settings->status_url },
	};
	const char *at;
	size_t	    i;

	for (i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
		struct builder out = { .arena = job->arena };

		for (; (at = strstr(text, links[i].field)) != NULL;
		     text = at + strlen(links[i].field)) {
			builder_add_bytes(&out, text, (size_t)(at - text));
			builder_add(&out, links[i].link);
		}
		builder_add(&out, text);
		text = builder_text(&out);
	}
	return text;
}
