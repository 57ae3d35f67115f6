/*
 * Each process writes its own slot and reads all: no locks. One that is started
 * again goes on in the slot of the one that died, so counters never fall.
 */
#include <sys/mman.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "auth_counts.h"
#include "db.h"
#include "metrics.h"
#include "process.h"
#include "version.h"
#include "wall_clock.h"

#define STATUSES_MAX 32
#define NO_OPERATION OPERATIONS_MAX

static const int64_t bounds_us[] = { 500, 1000, 2500, 5000, 10000, 25000, 50000,
	100000, 250000, 500000, 1000000, 2500000 };
#define NBOUNDS (sizeof(bounds_us) / sizeof(bounds_us[0]))

static const int statuses[] = { 200, 201, 202, 204, 304, 400, 401, 403, 404,
	405, 406, 408, 409, 410, 412, 413, 414, 415, 417, 422, 428, 429, 431,
	500, 501, 503, 505 };
#define NSTATUSES (sizeof(statuses) / sizeof(statuses[0]))

struct slot {
	uint64_t	   requests[OPERATIONS_MAX + 1][STATUSES_MAX];
	uint64_t	   buckets[OPERATIONS_MAX + 1][NBOUNDS + 1];
	uint64_t	   seconds_us[OPERATIONS_MAX + 1];
	uint64_t	   db_us[OPERATIONS_MAX + 1];
	uint64_t	   callers[CALLER_KINDS];
	uint64_t	   abandoned;
	uint64_t	   ended[CONNECTION_ENDS];
	struct auth_counts auth;
	struct db_counts   db;
	uint64_t	   clients, connected, expected, left;
	uint64_t	   prepared, inflight, bodies;
	struct process	   process;
	uint64_t	   ended_cpu_us; /* of those that were here before */
};

static struct slot *slots, *mine;
static unsigned	    nslots, clients_max;
static int64_t	    started; /* time of day */

static const char *const ends[CONNECTION_ENDS] = {
	[CONNECTION_ADDRESS] = "address",
	[CONNECTION_FULL] = "full",
	[CONNECTION_ROOM] = "room",
	[CONNECTION_SLOW] = "slow",
	[CONNECTION_UNSENT] = "unsent",
};

/* Text that grows inside the arena. */
struct text {
	struct arena *arena;
	char	     *p;
	size_t	      len, size;
};

static void add(struct text *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
static void	add_operation(struct text *, size_t, const char *);
static void	add_tokens(struct text *);
static void	add_processes(struct text *);
static void	add_database(struct text *);
static uint64_t sum(size_t offset);

#define SUM(member) sum(offsetof(struct slot, member))

int
metrics_init(unsigned processes, unsigned clients)
{
	nslots = processes;
	clients_max = clients;
	started = wall_clock_seconds();
	slots = mmap(NULL, processes * sizeof(*slots), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	mine = slots;
	return slots == MAP_FAILED ? -1 : 0;
}

void
metrics_process(unsigned slot)
{
	mine = &slots[slot % nslots];
	mine->clients = mine->connected = mine->expected = mine->left =
	    mine->prepared = mine->inflight = mine->bodies = 0;
	mine->ended_cpu_us += mine->process.cpu_us;
	mine->process = (struct process){ 0 };
	auth_counts = &mine->auth;
	db_counts = &mine->db;
}

void
metrics_request(const struct operation *op, enum caller_kind kind, int status,
    int64_t duration_us, int64_t db_us)
{
	size_t o = op == NULL ? NO_OPERATION : op->index, i;

	for (i = 0; i < NSTATUSES && statuses[i] != status; i++)
		;
	mine->requests[o][i]++;
	for (i = 0; i < NBOUNDS && duration_us > bounds_us[i]; i++)
		;
	mine->buckets[o][i]++;
	mine->seconds_us[o] += (uint64_t)duration_us;
	mine->db_us[o] += (uint64_t)db_us;
	if (kind < CALLER_KINDS)
		mine->callers[kind]++;
}

void
metrics_abandoned(void)
{
	mine->abandoned++;
}

void
metrics_ended(enum connection_end why)
{
	mine->ended[why]++;
}

void
metrics_gauges(unsigned clients, size_t bodies)
{
	mine->clients = clients;
	mine->connected = db_connected();
	mine->expected = db_expected();
	mine->left = db_abandoned();
	mine->prepared = db_prepared();
	mine->inflight = db_inflight();
	mine->bodies = bodies;
	process_measure(&mine->process);
}

const char *
metrics_text(struct arena *arena, size_t *len)
{
	struct text t = { .arena = arena };
	size_t	    i;

	add(&t,
	    "%s"
	    "# HELP casework_http_requests_total Requests answered.\n"
	    "# TYPE casework_http_requests_total counter\n",
	    version_metric);
	for (i = 0; i <= OPERATIONS_MAX; i++) {
		const char *name =
		    i < operation_count() ? operation_at(i)->id : "none";

		if (i >= operation_count() && i != NO_OPERATION)
			continue;
		for (size_t s = 0; s < NSTATUSES; s++) {
			uint64_t n = SUM(requests[i][s]);

			if (n > 0)
				add(&t,
				    "casework_http_requests_total{"
				    "operation=\"%s\",status=\"%d\"} %llu\n",
				    name, statuses[s], (unsigned long long)n);
		}
	}
	add(&t,
	    "# HELP casework_http_request_duration_seconds Time from the "
	    "complete request to its answer.\n"
	    "# TYPE casework_http_request_duration_seconds histogram\n");
	for (i = 0; i < operation_count(); i++)
		add_operation(&t, i, operation_at(i)->id);
	add_operation(&t, NO_OPERATION, "none");
	add(&t,
	    "# HELP casework_database_seconds_total Time spent waiting "
	    "for PostgreSQL.\n"
	    "# TYPE casework_database_seconds_total counter\n");
	for (i = 0; i < operation_count(); i++)
		if (SUM(db_us[i]) > 0)
			add(&t,
			    "casework_database_seconds_total{"
			    "operation=\"%s\"} %.6f\n",
			    operation_at(i)->id, (double)SUM(db_us[i]) / 1e6);
	add(&t,
	    "# HELP casework_callers_total Requests by kind of caller.\n"
	    "# TYPE casework_callers_total counter\n");
	for (i = 0; i < CALLER_KINDS; i++)
		add(&t, "casework_callers_total{caller=\"%s\"} %llu\n",
		    caller_kind_name((enum caller_kind)i),
		    (unsigned long long)SUM(callers[i]));
	add_tokens(&t);
	add(&t,
	    "# HELP casework_http_connections_ended_total Connections ended "
	    "by the service: more than an address may have, nobody to make "
	    "room, to make room, too slow, more unsent than there is memory for.\n"
	    "# TYPE casework_http_connections_ended_total counter\n");
	for (i = 0; i < CONNECTION_ENDS; i++)
		add(&t,
		    "casework_http_connections_ended_total{reason=\"%s\"} "
		    "%llu\n",
		    ends[i], (unsigned long long)SUM(ended[i]));
	add_database(&t);
	add(&t,
	    "# HELP casework_http_abandoned_total Clients that left "
	    "before their answer.\n"
	    "# TYPE casework_http_abandoned_total counter\n"
	    "casework_http_abandoned_total %llu\n"
	    "# HELP casework_http_connections Clients that are connected.\n"
	    "# TYPE casework_http_connections gauge\n"
	    "casework_http_connections %llu\n"
	    "# HELP casework_http_connections_limit How many may be.\n"
	    "# TYPE casework_http_connections_limit gauge\n"
	    "casework_http_connections_limit %llu\n"
	    "# HELP casework_database_connections Connections that are up.\n"
	    "# TYPE casework_database_connections gauge\n"
	    "casework_database_connections %llu\n"
	    "# HELP casework_database_connections_expected How many there are "
	    "to be.\n"
	    "# TYPE casework_database_connections_expected gauge\n"
	    "casework_database_connections_expected %llu\n"
	    "# HELP casework_database_given_up Backends of connections "
	    "given up that may be there still.\n"
	    "# TYPE casework_database_given_up gauge\n"
	    "casework_database_given_up %llu\n"
	    "# HELP casework_database_prepared_statements What these keep "
	    "prepared.\n"
	    "# TYPE casework_database_prepared_statements gauge\n"
	    "casework_database_prepared_statements %llu\n"
	    "# HELP casework_database_calls_in_flight Calls not answered "
	    "yet.\n"
	    "# TYPE casework_database_calls_in_flight gauge\n"
	    "casework_database_calls_in_flight %llu\n"
	    "# HELP casework_http_large_body_bytes Memory of bodies in "
	    "flight that are larger than 64 KiB.\n"
	    "# TYPE casework_http_large_body_bytes gauge\n"
	    "casework_http_large_body_bytes %llu\n",
	    (unsigned long long)SUM(abandoned),
	    (unsigned long long)SUM(clients),
	    (unsigned long long)nslots * clients_max,
	    (unsigned long long)SUM(connected),
	    (unsigned long long)SUM(expected), (unsigned long long)SUM(left),
	    (unsigned long long)SUM(prepared),
	    (unsigned long long)SUM(inflight), (unsigned long long)SUM(bodies));
	add_processes(&t);
	*len = t.len;
	return t.p;
}

/* Of all that serve, since any of them answers. */
static void
add_processes(struct text *t)
{
	const struct process all = {
		.cpu_us = SUM(process.cpu_us) + SUM(ended_cpu_us),
		.resident = SUM(process.resident),
		.virtual = SUM(process.virtual),
		.files = SUM(process.files),
		.files_max = SUM(process.files_max),
	};
	char text[PROCESS_TEXT_MAX];

	process_text(text, &all, started);
	add(t, "%s", text);
}

static void
add_operation(struct text *t, size_t o, const char *name)
{
	unsigned long long count = 0;
	size_t		   i;

	for (i = 0; i <= NBOUNDS; i++)
		count += SUM(buckets[o][i]);
	if (count == 0)
		return;
	count = 0;
	for (i = 0; i < NBOUNDS; i++) {
		count += SUM(buckets[o][i]);
		add(t,
		    "casework_http_request_duration_seconds_bucket{"
		    "operation=\"%s\",le=\"%g\"} %llu\n",
		    name, (double)bounds_us[i] / 1e6, count);
	}
	count += SUM(buckets[o][NBOUNDS]);
	add(t,
	    "casework_http_request_duration_seconds_bucket{operation="
	    "\"%s\",le=\"+Inf\"} %llu\n"
	    "casework_http_request_duration_seconds_sum{operation=\"%s\"} "
	    "%.6f\n"
	    "casework_http_request_duration_seconds_count{operation=\"%s\"} "
	    "%llu\n",
	    name, count, name, (double)SUM(seconds_us[o]) / 1e6, name, count);
}

static void
add_tokens(struct text *t)
{
	static const char *const results[] = { "wrong", "right" };
	size_t			 i, good;

	add(t,
	    "# HELP casework_signature_checks_total Signatures of tokens that "
	    "were checked.\n"
	    "# TYPE casework_signature_checks_total counter\n");
	for (i = 0; i < AUTH_ALGORITHMS; i++)
		for (good = 0; good < 2; good++)
			add(t,
			    "casework_signature_checks_total{alg=\"%s\","
			    "result=\"%s\"} %llu\n",
			    auth_algorithm_names[i], results[good],
			    (unsigned long long)SUM(auth.checks[i][good]));
	add(t,
	    "# HELP casework_token_failures_total Tokens that were refused.\n"
	    "# TYPE casework_token_failures_total counter\n");
	for (i = 0; i < AUTH_FAILURES; i++)
		add(t, "casework_token_failures_total{reason=\"%s\"} %llu\n",
		    auth_failure_names[i],
		    (unsigned long long)SUM(auth.failures[i]));
}

static void
add_database(struct text *t)
{
	int i;

	add(t,
	    "# HELP casework_database_lost_total Connections to PostgreSQL "
	    "that ended or did not come about, and why.\n"
	    "# TYPE casework_database_lost_total counter\n");
	for (i = DB_LOSS_NONE + 1; i < DB_LOSSES; i++)
		add(t, "casework_database_lost_total{reason=\"%s\"} %llu\n",
		    db_loss_name((enum db_loss)i),
		    (unsigned long long)SUM(db.lost[i]));
	add(t,
	    "# HELP casework_database_opened_total Connections to PostgreSQL "
	    "that have come up, at the start and anew.\n"
	    "# TYPE casework_database_opened_total counter\n"
	    "casework_database_opened_total %llu\n"
	    "# HELP casework_database_errors_total What PostgreSQL has "
	    "refused, by SQLSTATE or its class; CW are rules.\n"
	    "# TYPE casework_database_errors_total counter\n",
	    (unsigned long long)SUM(db.opened));
	for (i = 0; i < SQLSTATES; i++)
		add(t, "casework_database_errors_total{sqlstate=\"%s\"} %llu\n",
		    sqlstates_name(i), (unsigned long long)SUM(db.errors[i]));
}

/* The same counter of every process. */
static uint64_t
sum(size_t offset)
{
	uint64_t n = 0, v;
	unsigned i;

	for (i = 0; i < nslots; i++) {
		memcpy(&v, (char *)&slots[i] + offset, sizeof(v));
		n += v;
	}
	return n;
}

static void
add(struct text *t, const char *fmt, ...)
{
	char   *bigger;
	va_list ap;
	int	n;

	for (;;) {
		va_start(ap, fmt);
		n = vsnprintf(t->p + t->len, t->size - t->len, fmt, ap);
		va_end(ap);
		if (n >= 0 && t->len + (size_t)n < t->size)
			break;
		bigger = arena_alloc(t->arena, (t->size + 1024) * 2);
		if (t->len > 0)
			memcpy(bigger, t->p, t->len);
		t->p = bigger;
		t->size = (t->size + 1024) * 2;
	}
	t->len += (size_t)n;
}
