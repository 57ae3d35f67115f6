/*
 * A connection on its way up: server by server, each with its own deadline.
 */
#include <stdio.h>
#include <string.h>

#include "conninfo.h"
#include "db_message.h"
#include "db_open.h"
#include "known_schema.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define PREPARE_MS     5000

static const char *const applications[DB_POOLS] = {
	[DB_READ] = "casework read",
	[DB_WRITE] = "casework write",
	[DB_SLOW] = "casework slow",
	[DB_PROBE] = "casework probe",
};

static void be_patient(struct db_conn *);
static bool begin(struct db_conn *, PGresult *);
static bool come_up(struct db_conn *);
static void refused(struct db_conn *, PGresult *);

void
db_open_start(struct db_conn *c)
{
	char err[256];

	c->state = DB_CONNECTING;
	c->pg = conninfo_start(caller_kind_name(c->kind), applications[c->pool],
	    &c->turn, err, sizeof(err));
	if (c->pg == NULL)
		db_conn_fail(c, DB_LOSS_REFUSED, err);
	else {
		be_patient(c);
		db_conn_watch(c, true);
	}
}

/* With each step: a server that is slow is not dead. */
static void
be_patient(struct db_conn *c)
{
	long ms = hosts_patience();

	c->retry_at = ms > 0 ? kore_time_ms() + (u_int64_t)ms : UINT64_MAX;
}

/* Once connected, the begin statement proves that the schema is there. */
void
db_open_step(struct db_conn *c)
{
	PostgresPollingStatusType polled = PQconnectPoll(c->pg);

	if (polled == PGRES_POLLING_FAILED) {
		db_conn_fail(c, DB_LOSS_REFUSED, "connect");
		return;
	}
	if (polled != PGRES_POLLING_OK) {
		be_patient(c);
		db_conn_watch(c, polled != PGRES_POLLING_READING);
		return;
	}
	if (!PQenterPipelineMode(c->pg) || !db_message_start(c)) {
		db_conn_fail(c, DB_LOSS_ENDED, "prepare");
		return;
	}
	c->state = DB_PREPARING;
	c->retry_at = kore_time_ms() + PREPARE_MS;
	(void)db_conn_flush(c);
}

/* Results in the order of db_message.c. False: it was torn down. */
bool
db_open_result(struct db_conn *c, PGresult *res)
{
	const unsigned n = c->nresults++;

	switch (PQresultStatus(res)) {
	case PGRES_PIPELINE_SYNC:
		PQclear(res);
		return come_up(c);
	case PGRES_TUPLES_OK:
		if (n == 0)
			return begin(c, res);
		if (n == 1 && c->asked)
			backends_keep(c->left, res);
		break;
	case PGRES_COMMAND_OK:
		break;
	default:
		refused(c, res);
		return false;
	}
	PQclear(res);
	return true;
}

/* The proof is about the backend's number, which is another one than a pooler
   gives: so it is asked for first, and what it is as well. */
static bool
begin(struct db_conn *c, PGresult *res)
{
	const bool ours = conninfo_read_session(c->pg, res, &c->backend);

	PQclear(res);
	if (!ours) {
		db_conn_fail(c, DB_LOSS_POOLED, conninfo_pooled);
		return false;
	}
	c->fit = hosts_fit(&c->turn, &c->backend, c->pg);
	if (c->fit == HOSTS_UNFIT) {
		c->turn.unfit = true;
		db_conn_fail(c, DB_LOSS_UNFIT, "the server cannot write");
		return false;
	}
	c->broken = !db_message_admit(c);
	if (c->broken)
		db_conn_fail(c, DB_LOSS_ENDED, "prepare");
	return !c->broken && db_conn_flush(c);
}

static bool
come_up(struct db_conn *c)
{
	if (!c->has_room(c)) {
		db_conn_fail(c, DB_LOSS_HELD,
		    "backends that were given up are still there");
		return false;
	}
	db_counts->opened++;
	c->state = DB_UP;
	c->backoff = 0;
	c->told = false;
	c->since = kore_time_ms();
	hosts_found(&c->turn);
	return true;
}

/* At its start, by the database. */
static void
refused(struct db_conn *c, PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	bool	    key = state != NULL && strcmp(state, "42501") == 0;
	char	    why[256];

	db_counts->errors[sqlstates_find(state)]++;
	snprintf(why, sizeof(why), "%s",
	    key ? "the key of CONTEXT_KEY_FILE is not one of the database's" :
		  known_schema_fault(res));
	PQclear(res);
	db_conn_fail(c, key || *why == '\0' ? DB_LOSS_REFUSED : DB_LOSS_MISFIT,
	    *why == '\0' ? "the database refuses" : why);
}

/*
 * The next server at once; a pause when each has had its turn. One that has
 * too much left of before is the right one.
 */
void
db_open_retry(struct db_conn *c, bool was_up)
{
	bool pause = true;

	if (was_up)
		hosts_lost(&c->turn);
	else if (c->lost != DB_LOSS_HELD)
		pause = hosts_failed(&c->turn);
	if (pause)
		c->backoff = c->backoff == 0 ?
		    BACKOFF_MIN_MS :
		    MIN(c->backoff * 2, BACKOFF_MAX_MS);
	c->retry_at = kore_time_ms() + (pause ? c->backoff : 0);
}
