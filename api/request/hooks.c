/*
 * Operations that C answers: health, metrics, the document itself and the
 * pages of the problem types. None of them asks the database anything: readyz
 * tells what timers have found out.
 */
#include <stdio.h>
#include <string.h>

#include "budget.h"
#include "builder.h"
#include "challenge.h"
#include "conditional.h"
#include "connection.h"
#include "db.h"
#include "db_probe.h"
#include "document.h"
#include "fail.h"
#include "hooks.h"
#include "json.h"
#include "metrics.h"
#include "request.h"

static bool livez(struct request *);
static bool readyz(struct request *);
static bool metrics(struct request *);
static bool openapi_json(struct request *);
static bool openapi_yaml(struct request *);
static bool get_protected_resource(struct request *);
static bool list_problems(struct request *);
static bool get_problem(struct request *);

const struct operation_hook hooks[] = {
	{ "livez", livez },
	{ "readyz", readyz },
	{ "metrics", metrics },
	{ "openapi_json", openapi_json },
	{ "openapi_yaml", openapi_yaml },
	{ "get_protected_resource", get_protected_resource },
	{ "list_problems", list_problems },
	{ "get_problem", get_problem },
	{ 0 },
};

static bool
answer(struct request *r, const char *type, const char *body, size_t len,
    const char *etag)
{
	r->reply = (struct reply){ .status = 200,
		.type = type,
		.body = body,
		.len = len,
		.etag = etag };
	(void)request_not_modified(r);
	return true;
}

static bool
livez(struct request *r)
{
	static const char body[] = "{\"status\":\"ok\"}";

	return answer(r, "application/json", body, sizeof(body) - 1, NULL);
}

static const char *
argument(const struct request *r, const char *name)
{
	size_t i;

	for (i = 0; i < r->op->nparams; i++)
		if (strcmp(r->op->params[i].name, name) == 0)
			return r->args[i];
	return NULL;
}

/* Whether somebody who only reads would notice. */
static bool
hurts_reads(const struct db_check *check)
{
	return check->finding == DB_NOT_CONNECTED ||
	    check->finding == DB_MISFIT || check->finding == DB_NO_ANSWER ||
	    check->finding == DB_STANDBY;
}

/*
 * The checks as the members of an object; *failed is the first that is not
 * well. exclude=writes leaves out what only writes need.
 */
static const char *
checks(struct request *r, bool reads_only, struct db_check *failed)
{
	struct db_check check;
	const char     *list = "";
	unsigned	i;

	failed->finding = DB_OK;
	for (i = 0; i < DB_CHECKS; i++) {
		db_probe_read(i, &check);
		list = arena_printf(r->arena,
		    "%s%s{\"name\":\"%s\",\"finding\":\"%s\","
		    "\"milliseconds\":%llu}",
		    list, i == 0 ? "" : ",", check.name,
		    db_finding_name(check.finding),
		    (unsigned long long)check.age);
		if (failed->finding == DB_OK && check.finding != DB_OK &&
		    (!reads_only || (i < CALLER_KINDS && hurts_reads(&check))))
			*failed = check;
	}
	return arena_printf(r->arena, "\"checks\":[%s]", list);
}

static bool
readyz(struct request *r)
{
	static const char *const sentences[DB_FINDINGS] = {
		[DB_NOT_CONNECTED] = "The database is not connected.",
		[DB_MISFIT] = "The database is of another version.",
		[DB_NO_ANSWER] = "The database does not answer.",
		[DB_READ_ONLY] = "The database is read-only.",
		[DB_DISK_FULL] = "The database's disk is full.",
		[DB_REFUSED] = "The database refuses to write.",
		[DB_STANDBY] = "The database is a standby.",
		[DB_HANGING] = "The database does not end what it writes.",
	};
	struct db_check failed;
	const char     *list, *body;

	list = checks(r, argument(r, "exclude") != NULL, &failed);
	if (argument(r, "verbose") == NULL)
		list = NULL;
	if (connection_draining())
		(void)fail(r, PROBLEM_UNAVAILABLE,
		    "The service is shutting down.");
	else if (failed.finding != DB_OK)
		(void)fail(r, PROBLEM_UNAVAILABLE, "%s",
		    sentences[failed.finding]);
	if (r->problem.kind != PROBLEM_NONE) {
		r->problem.extra = list;
		return false;
	}
	body = arena_printf(r->arena, "{\"status\":\"ok\"%s%s}",
	    list == NULL ? "" : ",", list == NULL ? "" : list);
	return answer(r, "application/json", body, strlen(body), NULL);
}

static bool
metrics(struct request *r)
{
	const char *text;
	size_t	    len;

	metrics_gauges(connection_count(), budget_taken());
	text = metrics_text(r->arena, &len);
	return answer(r, "text/plain; version=0.0.4; charset=utf-8", text, len,
	    NULL);
}

/* Large, and there for ever: it is not copied for who takes it slowly. */
static bool
give_document(struct request *r, const char *type, const struct document *d)
{
	(void)answer(r, type, d->text, d->len, d->etag);
	r->reply.lasting = true;
	return true;
}

static bool
openapi_json(struct request *r)
{
	return give_document(r, "application/json", &document_json);
}

static bool
openapi_yaml(struct request *r)
{
	return give_document(r, "application/yaml", &document_yaml);
}

static bool
get_protected_resource(struct request *r)
{
	size_t	    len;
	const char *body = challenge_metadata(r, &len);

	return answer(r, "application/json", body, len, NULL);
}

static const char *
problem_page(struct request *r, enum problem_kind kind)
{
	const struct problem_type *t = problem_type(kind);

	return arena_printf(r->arena,
	    "{\"slug\":\"%s\",\"title\":%s,"
	    "\"status\":%d,\"description\":%s}",
	    t->slug, json_quote(r->arena, t->title), t->status,
	    json_quote(r->arena, t->meaning));
}

static bool
list_problems(struct request *r)
{
	struct builder items = { .arena = r->arena };
	int	       i;

	for (i = PROBLEM_NONE + 1; i < PROBLEM_KINDS; i++)
		builder_printf(&items, "%s%s",
		    items.len == 0 ? "{\"items\":[" : ",",
		    problem_page(r, (enum problem_kind)i));
	builder_add(&items, "]}");
	return answer(r, "application/json", builder_text(&items), items.len,
	    NULL);
}

static bool
get_problem(struct request *r)
{
	enum problem_kind kind;
	const char	 *body;

	kind = problem_of_slug(r->args[0]);
	if (kind == PROBLEM_NONE)
		return fail(r, PROBLEM_NOT_FOUND,
		    "There is no such problem type.");
	body = problem_page(r, kind);
	return answer(r, "application/json", body, strlen(body), NULL);
}
