/*
 * What a connection sends: once to begin with, and for each call. libpq queues
 * it; the end of the turn lets it go.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conninfo.h"
#include "db_message.h"
#include "known_schema.h"
#include "version.h"

/* libpq keeps the room of its largest call, a backend that of its plans. */
#define SWOLLEN	      262144 /* bytes of a call */
#define PREPARED_WORN 20000  /* statements */

const struct query db_message_alive = { .sql = "select", .id = UINT64_MAX };

static bool ask_left(struct db_conn *);
static bool send_prepare(struct db_conn *, struct db_call *,
    const struct query *, struct prepared_use *);
static bool send_query(struct db_conn *, const struct prepared_use *,
    const char *const *, const struct db_call *);

/* No Sync: what comes behind the answer is in the same transaction. */
bool
db_message_start(struct db_conn *c)
{
	return conninfo_send_session(c->pg) && PQsendFlushRequest(c->pg) == 1;
}

/* The key may be another one, or the schema not there: then it is not up. */
bool
db_message_admit(struct db_conn *c)
{
	struct prepared_use begin, alive;
	char		    sql[64], proof[QUERY_PROOF_MAX];
	const char	   *params[] = { proof };
	const char	   *known[] = { version_migrations };

	c->prove(c->kind, c->backend.opening, proof);
	snprintf(sql, sizeof(sql), "set statement_timeout = %ld", c->timeout);
	prepared_start(&c->prepared);
	c->asked = c->left->n > 0;
	if ((c->asked && !ask_left(c)) ||
	    !PQsendQueryParams(c->pg, known_schema_require, 1, NULL, known,
		NULL, NULL, 0) ||
	    !PQsendQueryParams(c->pg, "select rules.admit($1::bytea)", 1, NULL,
		params, NULL, NULL, 0) ||
	    !prepared_use(&c->prepared, c->pg, c->begin, &begin) ||
	    !prepared_use(&c->prepared, c->pg, &db_message_alive, &alive))
		return false;
	prepared_used(&c->prepared, &begin);
	prepared_used(&c->prepared, &alive);
	return (c->timeout == 0 ||
		   PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL,
		       0) == 1) &&
	    PQpipelineSync(c->pg) == 1;
}

static bool
ask_left(struct db_conn *c)
{
	char	   *list = backends_list(c->left);
	const char *params[] = { list };
	bool sent = PQsendQueryParams(c->pg, backends_ask, 1, NULL, params,
			NULL, NULL, 0) == 1;

	free(list);
	return sent;
}

/* All of it: what has to be prepared, begin, the statement, Sync. */
bool
db_message_call(struct db_conn *c, struct db_call *call)
{
	struct prepared_use begin = { .place = -1 }, statement = begin;
	bool		    sent;

	sent = send_prepare(c, call, call->begin, &begin) &&
	    send_prepare(c, call, call->statement, &statement) &&
	    send_query(c, &begin, call->begin_params, NULL) &&
	    send_query(c, &statement, call->params, call) &&
	    PQpipelineSync(c->pg) == 1;
	prepared_used(&c->prepared, &begin);
	prepared_used(&c->prepared, &statement);
	return sent;
}

static bool
send_prepare(struct db_conn *c, struct db_call *call, const struct query *query,
    struct prepared_use *use)
{
	if (!prepared_use(&c->prepared, c->pg, query, use))
		return false;
	if (use->deallocate)
		call->prepared[call->nprepared++] = 0;
	if (use->prepare)
		call->prepared[call->nprepared++] = query->id;
	c->worn |= c->prepared.made > PREPARED_WORN;
	return true;
}

/* Of the call's statement, the call: one of its parameters may be bytes. */
static bool
send_query(struct db_conn *c, const struct prepared_use *use,
    const char *const *params, const struct db_call *call)
{
	const struct query *q = use->query;
	const char	   *name = prepared_name(&c->prepared, use);
	int  lengths[QUERY_PARAMS_MAX], formats[QUERY_PARAMS_MAX];
	int  binary = call != NULL && call->binary_result;
	int *has_bytes = NULL;

	if (call != NULL && call->bytes >= 0) {
		memset(lengths, 0, sizeof(lengths));
		memset(formats, 0, sizeof(formats));
		lengths[call->bytes] = (int)call->bytes_len;
		formats[call->bytes] = 1;
		c->worn |= call->bytes_len > SWOLLEN;
		has_bytes = formats;
	}
	if (name == NULL)
		return PQsendQueryParams(c->pg, q->sql, q->nparams, NULL,
			   params, lengths, has_bytes, binary) == 1;
	return PQsendQueryPrepared(c->pg, name, q->nparams, params, lengths,
		   has_bytes, binary) == 1;
}
