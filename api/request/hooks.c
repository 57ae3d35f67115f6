/*
 * Operations that C answers: health, metrics, the document itself and the
 * pages of the problem types. None of them touches the database.
 */
#include <stdio.h>
#include <string.h>

#include "budget.h"
#include "conditional.h"
#include "connection.h"
#include "db.h"
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
static bool list_problems(struct request *);
static bool get_problem(struct request *);

const struct operation_hook hooks[] = {
	{ "livez", livez },
	{ "readyz", readyz },
	{ "metrics", metrics },
	{ "openapi_json", openapi_json },
	{ "openapi_yaml", openapi_yaml },
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

static bool
readyz(struct request *r)
{
	static const char body[] = "{\"status\":\"ok\"}";

	if (connection_draining())
		return fail(r, PROBLEM_UNAVAILABLE,
		    "The service is shutting down.");
	if (!db_ready())
		return fail(r, PROBLEM_UNAVAILABLE,
		    "The database cannot be reached, or is not migrated.");
	return answer(r, "application/json", body, sizeof(body) - 1, NULL);
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

static bool
openapi_json(struct request *r)
{
	return answer(r, "application/json", document_json.text,
	    document_json.len, document_json.etag);
}

static bool
openapi_yaml(struct request *r)
{
	return answer(r, "application/yaml", document_yaml.text,
	    document_yaml.len, document_yaml.etag);
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
	const char *items = "";
	int	    i;

	for (i = PROBLEM_NONE + 1; i < PROBLEM_KINDS; i++)
		items = arena_printf(r->arena, "%s%s%s", items,
		    *items == '\0' ? "" : ",",
		    problem_page(r, (enum problem_kind)i));
	items = arena_printf(r->arena, "{\"items\":[%s]}", items);
	return answer(r, "application/json", items, strlen(items), NULL);
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
