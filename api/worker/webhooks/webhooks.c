/*
 * Sending to webhooks: lease deliveries, post all of them at once, write down
 * what came of each. One thread and one libcurl multi handle, so that a slow
 * receiver holds up nobody but itself. Between lease and record nothing is
 * locked; a worker that dies in there leaves a lease that runs out.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "monotonic.h"
#include "session.h"
#include "stopping.h"
#include "thread_log.h"
#include "wake.h"
#include "webhook_post.h"
#include "webhooks.h"

#define LOOK_US 500000 /* between two looks when nobody wakes the thread */
#define POLL_MS 250
#define JOB	"webhook"

static const char lease_one[] = "select id, lease, url, message_id, body,"
				" secrets from rules.lease_webhook($1::int)"
				" where id is not null";
static const char record_attempt[] =
    "select rules.webhook_settled($1::bigint, $2::bigint, $3::int,"
    " nullif($4, ''), $5::int, $6::int)";
static const char record_withheld[] =
    "select rules.withhold_delivery($1::bigint, $2::bigint)";

enum column { ID, LEASE, URL, MESSAGE_ID, BODY, SECRETS };

/* A delivery in hand; its strings live in row. */
struct job {
	struct webhook_post post; /* first: found by it */
	PGresult	   *row;
	int64_t		    lease_ends; /* monotonic_us() */
};

static const struct webhooks_settings *settings;

static CURLM *multi;
static long   running;
static bool   has_room = true; /* since it last looked for deliveries */

static void lease_all(struct session *);
static bool lease(struct session *);
static void finish(struct session *);
static void settle(struct session *, struct job *);
static void job_free(struct job *);

int
webhooks_check(struct webhooks_settings *s, char *err, size_t errlen)
{
	if (outgoing_check(&s->post, "WEBHOOK_ALLOW", err, errlen) == -1)
		return -1;
	if (s->post.timeout >= s->lease) {
		snprintf(err, errlen,
		    "WEBHOOK_LEASE_SECONDS=%ld: use more than "
		    "WEBHOOK_TIMEOUT=%ld",
		    s->lease, s->post.timeout);
		return -1;
	}
	return 0;
}

void
webhooks_init(const struct webhooks_settings *given)
{
	settings = given;
}

void *
webhooks_run(void *arg)
{
	struct session s = { .name = JOB };
	int64_t	       looked_at = 0;
	unsigned long  seen = wake_count(), count;
	int	       still;

	(void)arg;
	if (settings->connections == 0)
		return NULL;
	if ((multi = curl_multi_init()) == NULL)
		abort();
	while (!stopping() || running > 0) {
		count = wake_count();
		if (!stopping() && session_up(&s) &&
		    (has_room || count != seen ||
			monotonic_us() - looked_at > LOOK_US)) {
			looked_at = monotonic_us();
			seen = count;
			has_room = false;
			lease_all(&s);
		}
		(void)curl_multi_perform(multi, &still);
		finish(&s);
		if (running > 0)
			(void)curl_multi_poll(multi, NULL, 0, POLL_MS, NULL);
		else if (!has_room)
			wake_wait(seen, POLL_MS);
	}
	curl_multi_cleanup(multi);
	session_close(&s);
	return NULL;
}

static void
lease_all(struct session *s)
{
	while (running < settings->connections && !stopping() &&
	    s->pg != NULL && lease(s))
		;
}

/* Whether there was one. */
static bool
lease(struct session *s)
{
	char	    seconds[24];
	const char *params[] = { seconds };
	struct job *job = calloc(1, sizeof(*job));
	PGresult   *result;

	if (job == NULL)
		abort();
	snprintf(seconds, sizeof(seconds), "%ld", settings->lease);
	job->lease_ends = monotonic_us() + (int64_t)settings->lease * 1000000;
	job->row = session_run(s, lease_one, 1, params);
	if (job->row == NULL || PQntuples(job->row) == 0) {
		job_free(job);
		return false;
	}
	counters_add(JOBS_LEASED, JOB, 1);
	if (PQgetisnull(job->row, 0, BODY)) {
		const char *keys[] = { PQgetvalue(job->row, 0, ID),
			PQgetvalue(job->row, 0, LEASE) };

		result = session_run(s, record_withheld, 2, keys);
		PQclear(result);
		counters_add(WEBHOOK_ATTEMPTS, "withheld", 1);
		job_free(job);
		return true;
	}
	job->post.url = PQgetvalue(job->row, 0, URL);
	job->post.message_id = PQgetvalue(job->row, 0, MESSAGE_ID);
	job->post.body = PQgetvalue(job->row, 0, BODY);
	job->post.secrets = PQgetvalue(job->row, 0, SECRETS);
	webhook_post_begin(&job->post, multi, &settings->post);
	running++;
	return true;
}

/* Those that have ended; each makes room for another. */
static void
finish(struct session *s)
{
	CURLMsg	   *message;
	struct job *job;
	int	    left;

	while ((message = curl_multi_info_read(multi, &left)) != NULL) {
		if (message->msg != CURLMSG_DONE)
			continue;
		job = (struct job *)outgoing_of(message->easy_handle);
		webhook_post_end(&job->post, multi, message->data.result);
		running--;
		settle(s, job);
		job_free(job);
		has_room = true;
	}
}

/*
 * The database may have gone meanwhile. While the lease lasts nobody else has
 * the delivery, so the record is worth several attempts.
 */
static void
settle(struct session *s, struct job *job)
{
	char	    status[12], retry[24], took[24];
	const char *state,
	    *params[] = { PQgetvalue(job->row, 0, ID),
		    PQgetvalue(job->row, 0, LEASE), status, job->post.error,
		    retry, took };
	PGresult *result = NULL;

	snprintf(status, sizeof(status), "%d", job->post.status);
	snprintf(retry, sizeof(retry), "%ld", job->post.retry_after);
	snprintf(took, sizeof(took), "%ld", job->post.milliseconds);
	do {
		if (session_up(s))
			result = session_run(s, record_attempt, 6, params);
	} while (result == NULL && !stopping() &&
	    monotonic_us() < job->lease_ends);

	state = result == NULL ? "lost" : PQgetvalue(result, 0, 0);
	counters_add(strcmp(state, "delivered") == 0 ? JOBS_DONE : JOBS_FAILED,
	    JOB, 1);
	counters_add(WEBHOOK_ATTEMPTS, job->post.outcome, 1);
	/* never where to, nor what the receiver says */
	thread_log("webhook_attempt", PQgetvalue(job->row, 0, MESSAGE_ID),
	    job->post.outcome);
	PQclear(result);
}

static void
job_free(struct job *job)
{
	PQclear(job->row);
	free(job);
}
