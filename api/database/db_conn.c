/*
 * One connection: connecting, sending, reading results. Completions run from
 * the event loop only. A call on a lost connection is never sent again: its
 * outcome is unknown.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conninfo.h"
#include "cork.h"
#include "db_conn.h"
#include "db_message.h"
#include "known_schema.h"
#include "log.h"

#define BACKOFF_MIN_MS 100
#define BACKOFF_MAX_MS 5000
#define CONNECT_MS     5000
static const char *const applications[DB_POOLS] = {
	[DB_READ] = "casework read",
	[DB_WRITE] = "casework write",
	[DB_SLOW] = "casework slow",
	[DB_PROBE] = "casework probe",
};

static void connect_poll(struct db_conn *);
static void on_event(void *, int);
static bool read_results(struct db_conn *);
static void refused(struct db_conn *, PGresult *);
static void read_result(struct db_conn *, struct db_call *, PGresult *);
static void watch(struct db_conn *, bool);
static void tear_down(struct db_conn *);

void
db_conn_init(struct db_conn *c)
{
	c->evt.handle = on_event;
	TAILQ_INIT(&c->calls);
}

void
db_conn_start(struct db_conn *c)
{
	const char **keys, **values;
	char	     err[256];

	c->retry_at = kore_time_ms() + CONNECT_MS;
	c->state = DB_CONNECTING;
	if (conninfo(c->url, caller_kind_name(c->kind), applications[c->pool],
		&keys, &values, err, sizeof(err)) == -1) {
		db_conn_fail(c, err);
		return;
	}
	c->pg = PQconnectStartParams(keys, values, 0);
	free(keys);
	free(values);
	if (c->pg == NULL || PQstatus(c->pg) == CONNECTION_BAD ||
	    PQsetnonblocking(c->pg, 1) == -1)
		db_conn_fail(c, "connect");
	else
		watch(c, true);
}

/* Once connected, the begin statement proves that the schema is there. */
static void
connect_poll(struct db_conn *c)
{
	PostgresPollingStatusType polled = PQconnectPoll(c->pg);

	if (polled == PGRES_POLLING_FAILED) {
		db_conn_fail(c, "connect");
		return;
	}
	if (polled != PGRES_POLLING_OK) {
		watch(c, polled != PGRES_POLLING_READING);
		return;
	}
	if (!PQenterPipelineMode(c->pg) || !db_message_start(c) ||
	    !PQpipelineSync(c->pg)) {
		db_conn_fail(c, "prepare");
		return;
	}
	c->state = DB_PREPARING;
	(void)db_conn_flush(c);
}

void
db_conn_fail(struct db_conn *c, const char *why)
{
	if (c->state == DB_UP || c->backoff == 0)
		log_event("db_down", caller_kind_name(c->kind),
		    !c->misfit && c->pg != NULL &&
			    *PQerrorMessage(c->pg) != '\0' ?
			PQerrorMessage(c->pg) :
			why);
	tear_down(c);
}

void
db_conn_renew(struct db_conn *c)
{
	tear_down(c);
	c->backoff = 0;
	db_conn_start(c);
}

void
db_conn_stop(struct db_conn *c)
{
	if (c->pg != NULL)
		tear_down(c);
}

static void
tear_down(struct db_conn *c)
{
	TAILQ_HEAD(, db_call) lost = TAILQ_HEAD_INITIALIZER(lost);
	struct db_call *call;

	if (c->pg != NULL) {
		cork_forget(PQsocket(c->pg));
		PQfinish(c->pg); /* closing drops it from epoll */
	}
	c->pg = NULL;
	c->state = DB_DOWN;
	c->broken = c->dirty = c->want_write = c->worn = false;
	c->inflight = 0;
	c->backoff = c->backoff == 0 ? BACKOFF_MIN_MS :
				       MIN(c->backoff * 2, BACKOFF_MAX_MS);
	c->retry_at = kore_time_ms() + c->backoff;

	TAILQ_CONCAT(&lost, &c->calls, list);
	while ((call = TAILQ_FIRST(&lost)) != NULL) {
		TAILQ_REMOVE(&lost, call, list);
		PQclear(call->result);
		call->result = NULL;
		c->ended(c, call);
		call->done(call, NULL);
	}
}

void
db_conn_send(struct db_conn *c, struct db_call *call)
{
	call->result = NULL;
	call->nresults = call->nprepared = 0;
	cork(true);
	c->broken |= !db_message_call(c, call);
	cork(false);
	if (call->sent != NULL)
		call->sent(call);
	TAILQ_INSERT_TAIL(&c->calls, call, list);
	if (c->inflight++ == 0)
		c->progress = kore_time_ms();
}

static void
on_event(void *arg, int error)
{
	struct db_conn *c = arg;

	if (c->pg == NULL)
		return; /* a stale event of this turn */
	if (c->state == DB_CONNECTING) {
		c->evt.flags = 0;
		connect_poll(c);
		return;
	}
	if ((c->evt.flags & KORE_EVENT_READ) || error) {
		c->evt.flags &= ~KORE_EVENT_READ;
		/* Also after a hang-up: there may be results to read. */
		if (!PQconsumeInput(c->pg)) {
			if (read_results(c))
				db_conn_fail(c, "read");
			return;
		}
		if (!read_results(c))
			return;
		if (error) {
			db_conn_fail(c, "the server closed the connection");
			return;
		}
	}
	if (c->evt.flags & KORE_EVENT_WRITE) {
		c->evt.flags &= ~KORE_EVENT_WRITE;
		(void)db_conn_flush(c);
	}
}

/*
 * Hands out what has arrived. False when the connection was torn down. A lost
 * connection is never busy and yields results for ever: hence the status.
 */
static bool
read_results(struct db_conn *c)
{
	struct db_call *call;
	PGresult       *res;
	int		ends = 0;

	while (PQstatus(c->pg) == CONNECTION_OK && !PQisBusy(c->pg)) {
		call = TAILQ_FIRST(&c->calls);
		if (call == NULL && c->state == DB_UP)
			break;
		res = PQgetResult(c->pg);
		if (res == NULL) {
			/* The end of one query; two in a row: no more. */
			if (++ends > 1)
				break;
			continue;
		}
		ends = 0;
		if (c->state == DB_PREPARING) {
			if (PQresultStatus(res) == PGRES_PIPELINE_SYNC) {
				c->state = DB_UP;
				c->backoff = 0;
				c->misfit = false;
			} else if (PQresultStatus(res) != PGRES_COMMAND_OK &&
			    PQresultStatus(res) != PGRES_TUPLES_OK) {
				refused(c, res);
				return false;
			}
			PQclear(res);
			continue;
		}
		if (PQresultStatus(res) != PGRES_PIPELINE_SYNC) {
			read_result(c, call, res);
			continue;
		}
		PQclear(res);
		TAILQ_REMOVE(&c->calls, call, list);
		c->inflight--;
		c->progress = kore_time_ms();
		res = call->result;
		call->result = NULL;
		c->ended(c, call);
		call->done(call, res);
		if (c->pg == NULL)
			return false;
	}
	if (PQstatus(c->pg) != CONNECTION_OK) {
		db_conn_fail(c, "lost");
		return false;
	}
	return true;
}

/* At its start, by the database. */
static void
refused(struct db_conn *c, PGresult *res)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	bool	    key = state != NULL && strcmp(state, "42501") == 0;
	char	    why[256];

	snprintf(why, sizeof(why), "%s",
	    key ? "the key of CONTEXT_KEY_FILE is not one of the database's" :
		  known_schema_fault(res));
	c->misfit = !key && *why != '\0';
	PQclear(res);
	db_conn_fail(c, *why == '\0' ? "the database refuses" : why);
}

/* Keeps the first error, or else the last rows: those of the statement. */
static void
read_result(struct db_conn *c, struct db_call *call, PGresult *res)
{
	int n = call->nresults++;

	switch (PQresultStatus(res)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		if (n < call->nprepared + 1) {
			PQclear(res);
			return;
		}
		call->result = res;
		return;
	case PGRES_PIPELINE_ABORTED:
		PQclear(res);
		break;
	default:
		if (call->result == NULL)
			call->result = res;
		else
			PQclear(res);
		break;
	}
	if (n >= call->nprepared)
		return;
	/* Nothing was prepared; or what had the place before is there still,
	   for as long as the connection. */
	if (call->prepared[n] != 0)
		popular_drop(&c->prepared.popular, call->prepared[n]);
	c->worn = true;
}

static void
watch(struct db_conn *c, bool write)
{
	cork_watch(PQsocket(c->pg));
	if (write)
		kore_platform_event_level_all(PQsocket(c->pg), c);
	else
		kore_platform_event_level_read(PQsocket(c->pg), c);
	c->want_write = write;
}

bool
db_conn_flush(struct db_conn *c)
{
	int r = PQflush(c->pg);

	c->dirty = false;
	if (r == -1) {
		db_conn_fail(c, "write");
		return false;
	}
	if ((r == 1) != c->want_write)
		watch(c, r == 1);
	return true;
}
