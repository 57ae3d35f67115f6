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
#include "lease.h"
#include "thread_log.h"
#include "transfers.h"
#include "webhook_post.h"
#include "webhooks.h"

#define JOB "webhook"

static const char lease_one[] = "select id, lease, url, message_id, body,"
				" secrets from rules.lease_webhook($1::int)"
				" where id is not null";
static const char record_attempt[] =
    "select rules.webhook_settled($1::bigint, $2::bigint, $3::int,"
    " nullif($4, ''), $5::int, $6::int)";
static const char record_withheld[] =
    "select rules.withhold_delivery($1::bigint, $2::bigint)";

enum column { ID, LEASE, URL, MESSAGE_ID, BODY, SECRETS };

/* A delivery in hand; its strings live in the lease. */
struct job {
	struct webhook_post post; /* first: found by it */
	struct lease	    lease;
};

static const struct webhooks_settings *settings;

static bool lease(struct session *);
static void withhold(struct session *, const struct lease *);
static void over(struct session *, struct outgoing *, CURLcode);
static void settle(struct session *, struct job *);

static struct transfers transfers = { JOB, lease, over, NULL, 0, false };

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
	(void)arg;
	transfers_run(&transfers, settings->connections);
	return NULL;
}

/* Whether there was one. */
static bool
lease(struct session *s)
{
	struct lease taken = lease_take(s, lease_one, settings->lease);
	struct job  *job;

	if (taken.row == NULL)
		return false;
	if (lease_value(&taken, BODY) == NULL) {
		withhold(s, &taken);
		lease_free(&taken);
		return true;
	}
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		abort();
	job->lease = taken;
	job->post.url = PQgetvalue(taken.row, 0, URL);
	job->post.message_id = PQgetvalue(taken.row, 0, MESSAGE_ID);
	job->post.body = PQgetvalue(taken.row, 0, BODY);
	job->post.secrets = PQgetvalue(taken.row, 0, SECRETS);
	webhook_post_begin(&job->post, transfers.multi, &settings->post);
	transfers_begun(&transfers);
	return true;
}

/* Its owner may not read it any more. */
static void
withhold(struct session *s, const struct lease *taken)
{
	const char *keys[] = { lease_value(taken, ID),
		lease_value(taken, LEASE) };

	PQclear(session_run(s, record_withheld, 2, keys));
	counters_add(WEBHOOK_ATTEMPTS, "withheld", 1);
}

static void
over(struct session *s, struct outgoing *transfer, CURLcode result)
{
	struct job *job = (struct job *)transfer;

	webhook_post_end(&job->post, transfers.multi, result);
	settle(s, job);
	lease_free(&job->lease);
	free(job);
	transfers_ended(&transfers);
}

static void
settle(struct session *s, struct job *job)
{
	char	    status[12], retry[24], took[24];
	const char *state,
	    *params[] = { PQgetvalue(job->lease.row, 0, ID),
		    PQgetvalue(job->lease.row, 0, LEASE), status,
		    job->post.error, retry, took };
	PGresult *result;

	snprintf(status, sizeof(status), "%d", job->post.status);
	snprintf(retry, sizeof(retry), "%ld", job->post.retry_after);
	snprintf(took, sizeof(took), "%ld", job->post.milliseconds);
	result = lease_insist(s, job->lease.ends, record_attempt, 6, params);
	state = result == NULL ? "lost" : PQgetvalue(result, 0, 0);
	counters_add(strcmp(state, "delivered") == 0 ? JOBS_DONE : JOBS_FAILED,
	    JOB, 1);
	counters_add(WEBHOOK_ATTEMPTS, job->post.outcome, 1);
	/* never where to, nor what the receiver says */
	thread_log("webhook_attempt", PQgetvalue(job->lease.row, 0, MESSAGE_ID),
	    job->post.outcome);
	PQclear(result);
}
