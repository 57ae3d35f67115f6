/*
 * The figures of /metrics, from any thread. A label's value is a name of our
 * own: a timer, a kind of mail.
 */
#ifndef CASEWORK_COUNTERS_H
#define CASEWORK_COUNTERS_H

#include <stdbool.h>
#include <stdio.h>

enum counter {
	JOBS_LEASED,
	JOBS_DONE,
	JOBS_FAILED,
	MAILS_SENT,
	MAILS_FAILED,
	MAIL_QUEUE_LENGTH,
	MAIL_QUEUE_OLDEST,
	WEBHOOK_ATTEMPTS,
	WEBHOOK_QUEUE_LENGTH,
	WEBHOOK_QUEUE_OLDEST,
	ISSUER_LOOKS,
	IMPORT_LINES,
	TIMER_RUNS,
	TIMER_ITEMS,
	TIMER_FAULTS,
	TIMER_SECONDS,
	STATUS_FAILING,
	STATUS_FAILURES,
	FEED_LAG,
	DATABASE_CONNECTIONS,
	DATABASE_EXPECTED,
	DATABASE_OPENED,
	DATABASE_ERRORS,
	HORIZON_AGE,
	DATABASE_LOST,
	DATABASE_GIVEN_UP,
	COUNTERS
};

/* label is NULL where the counter has none. */
void counters_add(enum counter, const char *label, double);
void counters_set(enum counter, const char *label, double);
/* In the text format of Prometheus. */
void counters_print(FILE *);

#endif
