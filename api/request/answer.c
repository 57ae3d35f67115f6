/*
 * PostgreSQL's result → the reply. Single resources come as one row, pages
 * as one row per item, with one row more than asked for when there is a next
 * page. Errors become problems by one table (problem.c).
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "answer_bytes.h"
#include "builder.h"
#include "etag.h"
#include "fail.h"
#include "log.h"
#include "request.h"
#include "request_settings.h"
#include "rows.h"
#include "table.h"
#include "uri.h"

static bool	   read_page(struct request *, const PGresult *);
static bool	   read_single(struct request *, const PGresult *);
static int	   items_of(const PGresult *, int, int, size_t *);
static const char *count_of(const struct request *, const PGresult *);
static const char *position_of(struct request *, const PGresult *, int);
static const char *cursor_of(struct request *, const PGresult *, int);
static const char *next_link(struct request *, const char *);

bool
request_read_result(struct request *r, PGresult *res)
{
	bool ok;

	if (r->op->raw_answer)
		return request_read_bytes(r, res);
	ok = r->op->ncursor > 0 ? read_page(r, res) : read_single(r, res);
	PQclear(res);
	return ok;
}

void
request_read_error(struct request *r, const PGresult *res)
{
	const char	 *state, *message, *detail, *hint, *context;
	enum problem_kind kind;

	if (res == NULL) {
		(void)fail(r, PROBLEM_UNAVAILABLE,
		    "The connection to the "
		    "database was lost; a write may or may not have "
		    "happened.");
		return;
	}
	state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	detail = PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL);
	hint = PQresultErrorField(res, PG_DIAG_MESSAGE_HINT);
	if (state == NULL)
		state = "08000"; /* libpq's own: the connection */
	snprintf(r->sqlstate, sizeof(r->sqlstate), "%s", state);
	kind = problem_of_sqlstate(state);
	if (kind == PROBLEM_NONE) {
		kind = problem_of_slug(message);
		if (kind != PROBLEM_NONE) {
			(void)fail(r, kind, detail == NULL ? NULL : "%s",
			    detail);
			if (hint != NULL && strlen(hint) > 2)
				r->problem.extra = arena_strndup(r->arena,
				    hint + 1, strlen(hint) - 2);
			return;
		}
		kind = PROBLEM_INTERNAL;
	}
	(void)fail(r, kind, NULL);
	if (kind != PROBLEM_INTERNAL)
		return;
	/* Where, never what: messages of PostgreSQL may quote values. */
	context = PQresultErrorField(res, PG_DIAG_CONTEXT);
	log_event("sql_error", r->op->id,
	    arena_printf(r->arena, "sqlstate %s constraint %s request %s %s",
		state,
		PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME) == NULL ?
		    "-" :
		    PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME),
		r->id,
		context == NULL || strncmp(context, "PL/pgSQL", 8) != 0 ?
		    "" :
		    context));
}

static bool
read_single(struct request *r, const PGresult *res)
{
	const char *value;

	if (PQntuples(res) == 0)
		return fail(r, PROBLEM_NOT_FOUND,
		    "There is no such resource, or it is not yours to "
		    "see.");
	value = rows_first(res, "status");
	r->reply.status = value == NULL ? 200 : atoi(value);
	r->reply.type = r->html ? "text/html; charset=utf-8" :
	    r->op->xml		? r->op->media_type :
				  "application/json";
	value = rows_first(res, r->html ? "html" : "body");
	if (value == NULL)
		return fail(r, PROBLEM_INTERNAL, NULL);
	r->reply.len = strlen(value);
	r->reply.body = arena_strndup(r->arena, value, r->reply.len);
	value = rows_first(res, "location");
	if (value != NULL)
		r->reply.location = arena_strdup(r->arena, value);

	value = rows_first(res, "etag");
	if (value != NULL)
		r->reply.etag = arena_printf(r->arena, "\"%s\"", value);
	else if (r->op->etag)
		r->reply.etag = etag_of(arena_alloc(r->arena, ETAG_SIZE),
		    r->reply.body, r->reply.len);
	return true;
}

/*
 * {"items":[…],"has_more":…,"next":…}: the same for every collection, with
 * "count" where it can be asked for. A resumable one adds "position", a cursor
 * like next, but there on the last page too; its statement ends in a row
 * without item, which says where it ends now.
 */
static bool
read_page(struct request *r, const PGresult *res)
{
	const char *next = NULL, *position = NULL, *count;
	char	   *p;
	size_t	    size;
	int	    i, items, rows = PQntuples(res) - r->op->resumable;
	int	    limit = atoi(r->args[r->op->limit_param]);
	int	    item = PQfnumber(res, "item");

	if (item < 0 || rows < 0)
		return fail(r, PROBLEM_INTERNAL, NULL);
	items = items_of(res, item, rows < limit ? rows : limit, &size);
	if (items == 0 && rows > 0)
		return fail(r, PROBLEM_INTERNAL, NULL);
	if (rows > items)
		next = cursor_of(r, res, items - 1);
	if (r->csv) {
		r->reply.status = 200;
		r->reply.next = next == NULL ? NULL : next_link(r, next);
		return request_write_table(r, res, item, items);
	}
	if (r->op->resumable)
		position = position_of(r, res, items);
	size += next == NULL ? 0 : strlen(next);
	size += position == NULL ? 0 : strlen(position) + 16;
	count = count_of(r, res);

	p = arena_alloc(r->arena, size + 96);
	r->reply.body = p;
	p = stpcpy(p, "{\"items\":[");
	for (i = 0; i < items; i++) {
		if (i > 0)
			*p++ = ',';
		memcpy(p, PQgetvalue(res, i, item),
		    (size_t)PQgetlength(res, i, item));
		p += PQgetlength(res, i, item);
	}
	if (next == NULL) {
		p = stpcpy(p, "],\"has_more\":false,\"next\":null");
	} else {
		p += sprintf(p, "],\"has_more\":true,\"next\":\"%s\"", next);
		r->reply.next = next_link(r, next);
	}
	if (position != NULL)
		p += sprintf(p, ",\"position\":\"%s\"", position);
	if (count != NULL)
		p += sprintf(p, ",\"count\":%.20s", count);
	*p++ = '}';
	r->reply.status = 200;
	r->reply.type = "application/json";
	r->reply.len = (size_t)(p - r->reply.body);
	if (r->op->etag)
		r->reply.etag = etag_of(arena_alloc(r->arena, ETAG_SIZE),
		    r->reply.body, r->reply.len);
	return true;
}

/*
 * How many items the page has, and their bytes with a comma each. It ends when
 * they are long enough, and where its statement has made no more
 * (rules.page_open); whichever rows are left begin the next one.
 */
static int
items_of(const PGresult *res, int item, int most, size_t *size)
{
	int i;

	*size = 0;
	for (i = 0; i < most && *size < OPERATION_PAGE_BYTES; i++) {
		if (PQgetisnull(res, i, item))
			break;
		*size += (size_t)PQgetlength(res, i, item) + 1;
	}
	return i;
}

/*
 * All that match, for count=exact; NULL if the operation does not count. An
 * empty first page says that there are none; of an empty later one nobody
 * knows.
 */
static const char *
count_of(const struct request *r, const PGresult *res)
{
	const char *count;
	const char *asked;

	if (!r->op->counts)
		return NULL;
	asked = r->args[r->op->count_param];
	if (asked == NULL || strcmp(asked, "exact") != 0)
		return "null";
	if (PQntuples(res) == 0)
		return r->after ? "null" : "0";
	count = rows_first(res, "count");
	return count == NULL ? "null" : count;
}

/*
 * Behind the last item; where the request began if there is none, so that
 * nothing new is the same answer; or, if it did not say, where the feed ends.
 */
static const char *
position_of(struct request *r, const PGresult *res, int items)
{
	if (items == 0 && r->after)
		return cursor_encode(r->arena, r->cursor_context, r->keys,
		    r->op->ncursor);
	return cursor_of(r, res, items == 0 ? 0 : items - 1);
}

static const char *
cursor_of(struct request *r, const PGresult *res, int row)
{
	const char *keys[CURSOR_KEYS_MAX];
	size_t	    i;
	int	    n;

	for (i = 0; i < r->op->ncursor; i++) {
		n = PQfnumber(res, r->op->cursor[i]);
		keys[i] = n < 0 ? "" : PQgetvalue(res, row, n);
	}
	return cursor_encode(r->arena, r->cursor_context, keys, r->op->ncursor);
}

/*
 * The same request with the next cursor (RFC 8288, absolute). A comma that was
 * sent encoded is part of a value, and stays so.
 */
static const char *
next_link(struct request *r, const char *cursor)
{
	struct builder	link = { .arena = r->arena };
	const char     *query = r->msg->query;
	struct uri_pair pair;

	builder_printf(&link, "%s%s?", request_settings->public_url, r->path);
	while (query != NULL && uri_next_pair(&query, &pair))
		if (strcmp(uri_decode(r->arena, pair.name, pair.name_len,
			       URI_QUERY),
			"cursor") != 0)
			builder_printf(&link, "%s=%s&",
			    uri_encode_sent(r->arena, pair.name, pair.name_len),
			    uri_encode_sent(r->arena, pair.value,
				pair.value_len));
	builder_printf(&link, "cursor=%s", uri_encode(r->arena, cursor));
	return builder_text(&link);
}
