/*
 * libpq's own functions that wait have no deadline but that of TCP, which does
 * not tell a server that works from one that has died in silence.
 */
#include <sys/socket.h>

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "bounded.h"
#include "conninfo.h"
#include "known_schema.h"
#include "monotonic.h"
#include "version.h"

#define SESSION_MS 5000 /* of the first statement: its limit is not known */
#define WAIT_US	   60000000

static bool connect_all_steps(PGconn *, int);
static bool begin_session(struct bounded *, struct host_turn *, char *, size_t);
static PGresult *read_all(struct bounded *);
static bool	 wait_for(PGconn *, short, int, int64_t);
static bool	 has_result(PGconn *, int64_t);

bool
bounded_connect(struct bounded *b, const char *kind, struct host_turn *turn,
    int stop, char *err, size_t errlen)
{
	*b = (struct bounded){ .backend.statement_ms = SESSION_MS };
	b->pg = conninfo_start(kind, "casework", turn, err, errlen);
	if (b->pg == NULL)
		return false;
	if (!connect_all_steps(b->pg, stop))
		snprintf(err, errlen, "%s",
		    *PQerrorMessage(b->pg) == '\0' ? "no answer" :
						     PQerrorMessage(b->pg));
	else if (begin_session(b, turn, err, errlen))
		return true;
	err[strcspn(err, "\n")] = '\0';
	bounded_close(b);
	return false;
}

/* Each step has its own time: a server that is slow is not dead. */
static bool
connect_all_steps(PGconn *pg, int stop)
{
	const long patience = hosts_patience();
	short	   events = POLLOUT;

	for (;;) {
		if (!wait_for(pg, events, stop,
			patience == 0 ? INT64_MAX :
					monotonic_us() + patience * 1000))
			return false;
		switch (PQconnectPoll(pg)) {
		case PGRES_POLLING_READING:
			events = POLLIN;
			break;
		case PGRES_POLLING_WRITING:
			events = POLLOUT;
			break;
		case PGRES_POLLING_OK:
			return true;
		default:
			return false;
		}
	}
}

static bool
begin_session(struct bounded *b, struct host_turn *turn, char *err,
    size_t errlen)
{
	const char *known[] = { version_migrations };
	PGresult   *result = NULL;
	bool	    done, ours;

	if (conninfo_send_session(b->pg))
		result = read_all(b);
	done = PQresultStatus(result) == PGRES_TUPLES_OK;
	if (done) {
		ours = conninfo_read_session(b->pg, result, &b->backend);
		PQclear(result);
		b->fit = hosts_fit(turn, &b->backend, b->pg);
		turn->unfit |= ours && b->fit == HOSTS_UNFIT;
		if (!ours || b->fit == HOSTS_UNFIT) {
			snprintf(err, errlen, "%s",
			    ours ? "the server cannot write" : conninfo_pooled);
			return false;
		}
		result = bounded_run(b, known_schema_require, 1, known);
		done = PQresultStatus(result) == PGRES_TUPLES_OK;
	}
	if (!done)
		snprintf(err, errlen, "%s",
		    *known_schema_fault(result) != '\0' ?
			known_schema_fault(result) :
			PQerrorMessage(b->pg));
	PQclear(result);
	return done;
}

/* False: the instant has come, or the socket stop can be read. */
static bool
wait_for(PGconn *pg, short events, int stop, int64_t until)
{
	struct pollfd fds[] = {
		{ .fd = PQsocket(pg), .events = events },
		{ .fd = stop, .events = POLLIN },
	};
	int64_t left;

	while ((left = until - monotonic_us()) > 0)
		if (poll(fds, 2,
			left > WAIT_US ? WAIT_US / 1000 :
					 (int)(left / 1000) + 1) > 0)
			return fds[1].revents == 0;
	return false;
}

PGresult *
bounded_run(struct bounded *b, const char *sql, int nparams,
    const char *const *params)
{
	return PQsendQueryParams(b->pg, sql, nparams, NULL, params, NULL, NULL,
		   0) == 1 ?
	    read_all(b) :
	    NULL;
}

/* Of what was sent: the first error, or else the last result. */
static PGresult *
read_all(struct bounded *b)
{
	const long limit = b->backend.statement_ms;
	PGresult  *kept = NULL, *result;
	int64_t	   until = INT64_MAX;

	if (limit > 0)
		until = monotonic_us() + (limit + BOUNDED_GRACE_MS) * 1000;
	for (;;) {
		if (!b->late && !has_result(b->pg, until)) {
			/* What libpq reads from here on is the end. */
			b->late = true;
			(void)shutdown(PQsocket(b->pg), SHUT_RDWR);
		}
		if ((result = PQgetResult(b->pg)) == NULL)
			return kept;
		if (kept == NULL || PQresultStatus(kept) == PGRES_COMMAND_OK ||
		    PQresultStatus(kept) == PGRES_TUPLES_OK) {
			PQclear(kept);
			kept = result;
		} else
			PQclear(result);
	}
}

/* Or an error, of which the next result tells. False: it is too late. */
static bool
has_result(PGconn *pg, int64_t until)
{
	int unsent;

	for (;;) {
		unsent = PQflush(pg);
		if (unsent == -1 || !PQconsumeInput(pg))
			return true;
		if (unsent == 0 && !PQisBusy(pg))
			return true;
		if (!wait_for(pg, unsent == 0 ? POLLIN : POLLIN | POLLOUT, -1,
			until))
			return false;
	}
}

bool
bounded_find(struct bounded *b, const char *url, const char *kind, char *err,
    size_t errlen)
{
	struct host_turn turn = { 0 };

	*b = (struct bounded){ 0 };
	if (conninfo_load(url, err, errlen) == -1)
		return false;
	do {
		if (bounded_connect(b, kind, &turn, -1, err, errlen)) {
			hosts_found(&turn);
			return true;
		}
	} while (!hosts_failed(&turn));
	return false;
}

void
bounded_close(struct bounded *b)
{
	PQfinish(b->pg);
	b->pg = NULL;
}
