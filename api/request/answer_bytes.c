/*
 * Rows → an answer of bytes: the column body of every row, one after another,
 * sent from where libpq has put them. media_type, filename, sha256, etag and
 * size are those of the first row, which has no bytes where none are wanted.
 * What a client downloads was written by somebody else: it is to be saved,
 * never shown as if this service had said it.
 */
#include <sys/uio.h>

#include <stdlib.h>
#include <string.h>

#include "answer_bytes.h"
#include "budget.h"
#include "conditional.h"
#include "digest.h"
#include "fail.h"
#include "fields.h"
#include "receive.h"
#include "request.h"
#include "rows.h"

/* Rows that are being sent, and what they take of the budget. */
struct sending {
	PGresult	  *rows;
	struct budget_hold hold;
};

static bool	   read_rows(struct request *, const PGresult *);
static bool	   hold(struct request *, const PGresult *, size_t);
static const char *fields(struct request *, const PGresult *);
static void	   sent(void *);

bool
request_read_bytes(struct request *r, PGresult *res)
{
	if (read_rows(r, res) && r->reply.status == 200 &&
	    r->msg->method != HTTP_HEAD)
		r->reply.rows = res;
	else
		PQclear(res);
	return r->problem.kind == PROBLEM_NONE;
}

void
request_lend_rows(struct request *r, struct wire_body *body)
{
	PGresult       *rows = r->reply.rows;
	struct iovec   *part;
	struct sending *sending = malloc(sizeof(*sending));
	int		i, column = PQfnumber(rows, "body");

	if (sending == NULL)
		abort();
	*sending = (struct sending){ .rows = rows, .hold = r->hold };
	r->hold.bytes = 0;
	part = arena_alloc(r->arena,
	    (size_t)PQntuples(rows) * sizeof(struct iovec));
	for (i = 0; i < PQntuples(rows); i++) {
		part[i].iov_base = PQgetvalue(rows, i, column);
		part[i].iov_len = (size_t)PQgetlength(rows, i, column);
	}
	body->part = part;
	body->nparts = (size_t)i;
	body->release = sent;
	body->owner = sending;
}

static void
sent(void *owner)
{
	struct sending *sending = owner;

	budget_give(&sending->hold);
	PQclear(sending->rows);
	free(sending);
}

static bool
read_rows(struct request *r, const PGresult *res)
{
	const char *type, *etag, *size;
	size_t	    bytes = 0;
	int	    i, column = PQfnumber(res, "body");

	if (PQntuples(res) == 0)
		return fail(r, PROBLEM_NOT_FOUND,
		    "There is no such resource, or it is not yours to "
		    "see.");
	type = rows_first(res, "media_type");
	if (column < 0 || type == NULL)
		return fail(r, PROBLEM_INTERNAL, NULL);
	r->reply.status = 200;
	r->reply.type = arena_strdup(r->arena, type);
	r->reply.fields = fields(r, res);
	etag = rows_first(res, "etag");
	if (etag != NULL)
		r->reply.etag = arena_printf(r->arena, "\"%s\"", etag);
	if (request_not_modified(r))
		return true;
	size = rows_first(res, "size");
	r->reply.len = size == NULL ? 0 : strtoul(size, NULL, 10);
	if (r->msg->method == HTTP_HEAD)
		return true;
	for (i = 0; i < PQntuples(res); i++)
		bytes += (size_t)PQgetlength(res, i, column);
	if (bytes != r->reply.len)
		return fail(r, PROBLEM_INTERNAL, NULL);
	return bytes <= HTTP_BODY_MAX || hold(r, res, bytes);
}

/* The district of a contact is that of what it downloads. */
static bool
hold(struct request *r, const PGresult *res, size_t bytes)
{
	request_learn_district(r, res);
	request_name_hold(r);
	return request_hold(r, bytes);
}

/* Where it is shown in spite of all, it can do nothing (CSP sandbox). */
static const char *
fields(struct request *r, const PGresult *res)
{
	const char *name = rows_first(res, "filename");
	int	    sha256 = PQfnumber(res, "sha256");

	return arena_printf(r->arena,
	    "content-disposition: %s\r\n"
	    "content-security-policy: sandbox; default-src 'none'\r\n"
	    "%s%s%s",
	    name == NULL ? "attachment" : field_disposition(r->arena, name),
	    sha256 < 0 ? "" : "repr-digest: ",
	    sha256 < 0 ? "" :
			 digest_write(r->arena, PQgetvalue(res, 0, sha256)),
	    sha256 < 0 ? "" : "\r\n");
}
