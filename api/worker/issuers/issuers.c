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
#include "monotonic.h"
#include "session.h"
#include "stopping.h"
#include "thread_log.h"
#include "wake.h"

#define LOOK_US	      500000 /* between two looks when nobody wakes it */
#define POLL_MS	      250
#define LEASE_SECONDS 30 /* besides the time that a look has */
#define JOB	      "issuer"

static const char lease_one[] = "select id, lease, began, issuer, jwks_url,"
				" source, etag from rules.lease_issuer($1::int)"
				" where id is not null";
static const char settle_one[] =
    "select rules.settle_issuer($1::bigint, $2::timestamptz, $3::timestamptz,"
    " $4::jsonb, $5, $6, $7::int, $8)";

enum column { ID, LEASE, BEGAN, ISSUER, JWKS_URL, SOURCE, ETAG };

/* An issuer in hand; its strings live in row. */
struct job {
	struct issuer_look look; /* first: found by it */
	PGresult	  *row;
	int64_t		   lease_ends; /* monotonic_us() */
};

static const struct issuers_settings *settings;

static CURLM *multi;
static long   running;
static bool   has_room = true; /* since it last looked for issuers */

static void	   lease_all(struct session *);
static bool	   lease(struct session *);
static void	   finish(struct session *);
static void	   end(struct session *, struct job *);
static void	   settle(struct session *, struct job *);
static const char *value(const struct job *, enum column);

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
	long	    lasts = settings->get.timeout + LEASE_SECONDS;

	if (job == NULL)
		abort();
	snprintf(seconds, sizeof(seconds), "%ld", lasts);
	job->lease_ends = monotonic_us() + (int64_t)lasts * 1000000;
	job->row = session_run(s, lease_one, 1, params);
	if (job->row == NULL || PQntuples(job->row) == 0) {
		PQclear(job->row);
		free(job);
		return false;
	}
	counters_add(JOBS_LEASED, JOB, 1);
	job->look.issuer = value(job, ISSUER);
	job->look.jwks_url = value(job, JWKS_URL);
	job->look.known_source = value(job, SOURCE);
	job->look.known_etag = value(job, ETAG);
	running++;
	issuer_look_begin(&job->look, multi, &settings->get);
	if (job->look.outcome != NULL)
		end(s, job);
	return true;
}

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
		issuer_look_go_on(&job->look, multi, message->data.result);
		if (job->look.outcome != NULL)
			end(s, job);
	}
}

/* Each that is over makes room for another. */
static void
end(struct session *s, struct job *job)
{
	running--;
	has_room = true;
	settle(s, job);
	issuer_look_free(&job->look);
	PQclear(job->row);
	free(job);
}

/*
 * The database may have gone meanwhile. While the lease lasts nobody else looks
 * at the issuer, so the record is worth several attempts.
 */
static void
settle(struct session *s, struct job *job)
{
	const struct issuer_look *l = &job->look;
	const bool		  faulty = l->fault[0] != '\0';
	char			  fresh[24];
	const char *params[] = { value(job, ID), value(job, LEASE),
		value(job, BEGAN), l->keys, faulty ? NULL : l->source,
		l->etag[0] != '\0' ? l->etag : NULL,
		l->fresh >= 0 ? fresh : NULL, faulty ? l->fault : NULL };
	PGresult   *result = NULL;

	snprintf(fresh, sizeof(fresh), "%ld", l->fresh);
	do {
		if (session_up(s))
			result = session_run(s, settle_one, 8, params);
	} while (result == NULL && !stopping() &&
	    monotonic_us() < job->lease_ends);
	counters_add(result != NULL && !faulty ? JOBS_DONE : JOBS_FAILED, JOB,
	    1);
	counters_add(ISSUER_LOOKS, l->outcome, 1);
	/* never what the issuer says, nor where it is */
	thread_log("issuer_look", value(job, ID), l->outcome);
	PQclear(result);
}

static const char *
value(const struct job *job, enum column column)
{
	return PQgetisnull(job->row, 0, column) ?
	    NULL :
	    PQgetvalue(job->row, 0, column);
}
