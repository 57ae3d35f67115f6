/*
 * Looking at the keys of issuers: lease those that are due, look at all of them
 * at once, write down what came of each. So an issuer that is slow holds up
 * nobody else's keys. A worker that dies meanwhile leaves a lease that runs
 * out; what it has written down is all that the service reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "issuer_look.h"
#include "issuers.h"
#include "lease.h"
#include "thread_log.h"
#include "transfers.h"

#define LEASE_SECONDS 30 /* besides the time that a look has */
#define JOB	      "issuer"

static const char lease_one[] = "select id, lease, began, issuer, jwks_url,"
				" source, etag from rules.lease_issuer($1::int)"
				" where id is not null";
static const char settle_one[] =
    "select rules.settle_issuer($1::bigint, $2::timestamptz, $3::timestamptz,"
    " $4::jsonb, $5, $6, $7::int, $8)";

enum column { ID, LEASE, BEGAN, ISSUER, JWKS_URL, SOURCE, ETAG };

/* An issuer in hand; its strings live in the lease. */
struct job {
	struct issuer_look look; /* first: found by it */
	struct lease	   lease;
};

static const struct issuers_settings *settings;

static bool lease(struct session *);
static void over(struct session *, struct outgoing *, CURLcode);
static void end(struct session *, struct job *);
static void settle(struct session *, struct job *);

static struct transfers transfers = { JOB, lease, over, NULL, 0, false };

int
issuers_check(struct issuers_settings *s, char *err, size_t errlen)
{
	return outgoing_check(&s->get, "ISSUER_ALLOW", err, errlen);
}

void
issuers_init(const struct issuers_settings *given)
{
	settings = given;
}

void *
issuers_run(void *arg)
{
	(void)arg;
	transfers_run(&transfers, settings->connections);
	return NULL;
}

/* Whether there was one. */
static bool
lease(struct session *s)
{
	struct lease taken =
	    lease_take(s, lease_one, settings->get.timeout + LEASE_SECONDS);
	struct job *job;

	if (taken.row == NULL)
		return false;
	job = calloc(1, sizeof(*job));
	if (job == NULL)
		abort();
	job->lease = taken;
	job->look.issuer = lease_value(&taken, ISSUER);
	job->look.jwks_url = lease_value(&taken, JWKS_URL);
	job->look.known_source = lease_value(&taken, SOURCE);
	job->look.known_etag = lease_value(&taken, ETAG);
	transfers_begun(&transfers);
	issuer_look_begin(&job->look, transfers.multi, &settings->get);
	if (job->look.outcome != NULL)
		end(s, job);
	return true;
}

static void
over(struct session *s, struct outgoing *transfer, CURLcode result)
{
	struct job *job = (struct job *)transfer;

	issuer_look_go_on(&job->look, transfers.multi, result);
	if (job->look.outcome != NULL)
		end(s, job);
}

static void
end(struct session *s, struct job *job)
{
	transfers_ended(&transfers);
	settle(s, job);
	issuer_look_free(&job->look);
	lease_free(&job->lease);
	free(job);
}

static void
settle(struct session *s, struct job *job)
{
	const struct issuer_look *l = &job->look;
	const struct lease	 *taken = &job->lease;
	const bool		  faulty = l->fault[0] != '\0';
	const char		 *source = faulty ? NULL : l->source;
	const char		 *fault = faulty ? l->fault : NULL;
	const char		 *etag = l->etag[0] != '\0' ? l->etag : NULL;
	char			  seconds[24];
	const char		 *fresh = l->fresh >= 0 ? seconds : NULL;
	const char		 *id = lease_value(taken, ID);
	const char		 *until = lease_value(taken, LEASE);
	const char		 *began = lease_value(taken, BEGAN);
	const char *params[] = { id, until, began, l->keys, source, etag, fresh,
		fault };
	PGresult   *result;

	snprintf(seconds, sizeof(seconds), "%ld", l->fresh);
	result = lease_insist(s, job->lease.ends, settle_one, 8, params);
	counters_add(result != NULL && !faulty ? JOBS_DONE : JOBS_FAILED, JOB,
	    1);
	counters_add(ISSUER_LOOKS, l->outcome, 1);
	/* never what the issuer says, nor where it is */
	thread_log("issuer_look", id, l->outcome);
	PQclear(result);
}
