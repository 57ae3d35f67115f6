/*
 * One connection: sending, reading results, its end. Completions run from
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
#include "db_open.h"
#include "log.h"

#define GRACE_MS 3000 /* of a call, beyond its statement's limit */

static void on_event(void *, int);
static bool read_results(struct db_conn *);
static void read_result(struct db_conn *, struct db_call *, PGresult *);
static bool has_state(const PGresult *, const char *);
static bool knows_better(enum db_loss);
static void tear_down(struct db_conn *);
static void fail_calls(struct db_conn *);

void
db_conn_init(struct db_conn *c)
{
	c->evt.handle = on_event;
	TAILQ_INIT(&c->calls);
}

/* Said once, until it is up again. */
void
db_conn_fail(struct db_conn *c, enum db_loss loss, const char *why)
{
	const bool was_up = c->state == DB_UP;

	if (!c->told)
		log_event("db_down", caller_kind_name(c->kind),
		    knows_better(loss) || c->pg == NULL ||
			    *PQerrorMessage(c->pg) == '\0' ?
			why :
			PQerrorMessage(c->pg));
	c->told = true;
	c->lost = loss;
	db_counts->lost[loss]++;
	tear_down(c);
	db_open_retry(c, was_up);
	fail_calls(c);
}

/* Than libpq, why it has come to this. */
static bool
knows_better(enum db_loss loss)
{
	return loss == DB_LOSS_MISFIT || loss == DB_LOSS_POOLED;
}

void
db_conn_give_up(struct db_conn *c)
{
	backends_add(c->left, &c->backend);
	db_conn_fail(c, DB_LOSS_SILENT, "no answer in time");
}

long
db_conn_limit(const struct db_conn *c)
{
	long ms = c->timeout > 0 ? c->timeout : c->backend.statement_ms;

	return ms > 0 ? ms + GRACE_MS : 0;
}

void
db_conn_renew(struct db_conn *c)
{
	tear_down(c);
	c->backoff = 0;
	db_open_start(c);
}

void
db_conn_move(struct db_conn *c)
{
	if (c->fit == HOSTS_UNFIT) {
		c->lost = DB_LOSS_UNFIT;
		db_counts->lost[DB_LOSS_UNFIT]++;
	}
	hosts_lost(&c->turn);
	db_conn_renew(c);
}

void
db_conn_stop(struct db_conn *c)
{
	if (c->pg != NULL) {
		tear_down(c);
		fail_calls(c);
	}
}

static void
tear_down(struct db_conn *c)
{
	if (c->pg != NULL) {
		cork_forget(PQsocket(c->pg));
		PQfinish(c->pg); /* closing drops it from epoll */
	}
	c->pg = NULL;
	c->state = DB_DOWN;
	c->broken = c->dirty = c->want_write = c->worn = c->leaving =
	    c->strange = false;
	c->inflight = c->nresults = 0;
}

static void
fail_calls(struct db_conn *c)
{
	TAILQ_HEAD(, db_call) lost = TAILQ_HEAD_INITIALIZER(lost);
	struct db_call *call;

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
		db_open_step(c);
		return;
	}
	if ((c->evt.flags & KORE_EVENT_READ) || error) {
		c->evt.flags &= ~KORE_EVENT_READ;
		/* Also after a hang-up: there may be results to read. */
		if (!PQconsumeInput(c->pg)) {
			if (read_results(c))
				db_conn_fail(c, DB_LOSS_ENDED, "read");
			return;
		}
		if (!read_results(c))
			return;
		if (error) {
			db_conn_fail(c, DB_LOSS_ENDED,
			    "the server closed the connection");
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
			if (!db_open_result(c, res))
				return false;
			continue;
		}
		if (PQresultStatus(res) != PGRES_PIPELINE_SYNC) {
			read_result(c, call, res);
			if (!c->strange)
				continue;
			db_conn_fail(c, DB_LOSS_POOLED, conninfo_pooled);
			return false;
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
		db_conn_fail(c, DB_LOSS_ENDED, "lost");
		return false;
	}
	return true;
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
		db_counts->errors[sqlstates_find(PQresultErrorField(res,
		    PG_DIAG_SQLSTATE))]++;
		c->leaving |= c->fit == HOSTS_FIRST && has_state(res, "25006");
		/* What this connection has prepared is not there. */
		c->strange |= has_state(res, "26000");
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

static bool
has_state(const PGresult *res, const char *wanted)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);

	return state != NULL && strcmp(state, wanted) == 0;
}

void
db_conn_watch(struct db_conn *c, bool write)
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
		db_conn_fail(c, DB_LOSS_ENDED, "write");
		return false;
	}
	if ((r == 1) != c->want_write)
		db_conn_watch(c, r == 1);
	return true;
}
