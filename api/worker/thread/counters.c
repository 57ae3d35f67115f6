/*
 * One list of values under one lock: there are some dozens, and nobody is in a
 * hurry.
 */
#include <pthread.h>
#include <string.h>

#include "counters.h"

#define VALUES_MAX 512
#define LABEL_MAX  64

static const struct {
	const char *name, *type, *label, *help;
} counters[COUNTERS] = {
	[JOBS_LEASED] = { "jobs_leased_total", "counter", "job",
	    "Leases taken." },
	[JOBS_DONE] = { "jobs_done_total", "counter", "job", "Jobs done." },
	[JOBS_FAILED] = { "jobs_failed_total", "counter", "job",
	    "Attempts that failed." },
	[MAILS_SENT] = { "mails_sent_total", "counter", "kind",
	    "Mails that a mail server or the maildir has taken." },
	[MAILS_FAILED] = { "mails_failed_total", "counter", "kind",
	    "Mails given up." },
	[MAIL_QUEUE_LENGTH] = { "mail_queue_length", "gauge", NULL,
	    "Mails that wait, of all workers." },
	[MAIL_QUEUE_OLDEST] = { "mail_queue_oldest_seconds", "gauge", NULL,
	    "Age of the oldest of them." },
	[WEBHOOK_ATTEMPTS] = { "webhook_attempts_total", "counter", "outcome",
	    "Posts to webhooks, by class of HTTP status or what hindered it." },
	[WEBHOOK_QUEUE_LENGTH] = { "webhook_queue_length", "gauge", NULL,
	    "Deliveries that wait for their first or next attempt." },
	[WEBHOOK_QUEUE_OLDEST] = { "webhook_queue_oldest_seconds", "gauge",
	    NULL, "Since when the oldest of them is due." },
	[ISSUER_LOOKS] = { "issuer_looks_total", "counter", "outcome",
	    "Looks at the keys of issuers, by what came of them." },
	[IMPORT_LINES] = { "import_lines_total", "counter", "result",
	    "Lines of imports, by what came of them." },
	[TIMER_RUNS] = { "timer_runs_total", "counter", "timer",
	    "Calls of a timer." },
	[TIMER_ITEMS] = { "timer_items_total", "counter", "timer",
	    "Items that a timer has handled." },
	[TIMER_FAULTS] = { "timer_faults_total", "counter", "timer",
	    "Calls of a timer that failed." },
	[TIMER_SECONDS] = { "timer_seconds_total", "counter", "timer",
	    "Time spent in a timer." },
	[STATUS_FAILING] = { "status_failing", "gauge", NULL,
	    "1 while the status page cannot be published." },
	[STATUS_FAILURES] = { "status_failures_total", "counter", NULL,
	    "Turns in which it could not." },
	[DATABASE_CONNECTIONS] = { "database_connections", "gauge", NULL,
	    "Connections to PostgreSQL that are up." },
	[DATABASE_EXPECTED] = { "database_connections_expected", "gauge", NULL,
	    "How many there are to be." },
	[DATABASE_OPENED] = { "database_opened_total", "counter", NULL,
	    "Connections to PostgreSQL that have come up, at the start and "
	    "anew." },
	[DATABASE_ERRORS] = { "database_errors_total", "counter", "sqlstate",
	    "What PostgreSQL has refused, by SQLSTATE or its class." },
	[FEED_LAG] = { "feed_lag_seconds", "gauge", "consumer",
	    "How old the next event is that mails, webhooks, alerts or "
	    "figures have to follow." },
	[HORIZON_AGE] = { "horizon_age_seconds", "gauge", NULL,
	    "For how long one transaction has held up feed, mails and webhooks." },
	[DATABASE_LOST] = { "database_lost_total", "counter", "reason",
	    "Connections to PostgreSQL that ended, and why." },
	[DATABASE_GIVEN_UP] = { "database_given_up", "gauge", NULL,
	    "Backends of connections given up that may be there still." },
};

static struct value {
	enum counter counter;
	char	     label[LABEL_MAX];
	double	     value;
} values[VALUES_MAX];

static size_t	       nvalues;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Its value, new or not; one that finds no room is counted in the last. */
static struct value *
find(enum counter c, const char *label)
{
	size_t i;

	if (label == NULL)
		label = "";
	for (i = 0; i < nvalues; i++)
		if (values[i].counter == c &&
		    strncmp(values[i].label, label, LABEL_MAX - 1) == 0)
			return &values[i];
	if (nvalues == VALUES_MAX)
		return &values[VALUES_MAX - 1];
	values[nvalues].counter = c;
	strncpy(values[nvalues].label, label, LABEL_MAX - 1);
	return &values[nvalues++];
}

void
counters_add(enum counter c, const char *label, double n)
{
	pthread_mutex_lock(&lock);
	find(c, label)->value += n;
	pthread_mutex_unlock(&lock);
}

void
counters_set(enum counter c, const char *label, double n)
{
	pthread_mutex_lock(&lock);
	find(c, label)->value = n;
	pthread_mutex_unlock(&lock);
}

void
counters_print(FILE *out)
{
	size_t c, i;

	pthread_mutex_lock(&lock);
	for (c = 0; c < COUNTERS; c++) {
		fprintf(out,
		    "# HELP casework_worker_%s %s\n"
		    "# TYPE casework_worker_%s %s\n",
		    counters[c].name, counters[c].help, counters[c].name,
		    counters[c].type);
		for (i = 0; i < nvalues; i++) {
			if (values[i].counter != c)
				continue;
			fprintf(out, "casework_worker_%s", counters[c].name);
			if (counters[c].label != NULL)
				fprintf(out, "{%s=\"%s\"}", counters[c].label,
				    values[i].label);
			fprintf(out, " %.15g\n", values[i].value);
		}
	}
	pthread_mutex_unlock(&lock);
}
