/*
 * The document against the statements, in both directions: a parameter or a
 * statement that only one side knows stops the start.
 */
#include <stdio.h>
#include <string.h>

#include "openapi.h"
#include "operation_bind.h"

static int find_source(const struct operation *, const char *, struct source *);
static int find_caller(const char *, struct source *);
static bool is_begin_parameter(const char *);

static struct statement *begins[CALLER_KINDS];
static struct statement *replay;

/* With an Idempotency-Key the answer is kept in the same transaction. */
static const char keep_before[] =
    "with answer as materialized ( --? idempotency_key";
static const char keep_behind[] =
    ") select a.*, rules.keep_answer(:idempotency_key, to_json(a)) as kept "
    "from answer as a --? idempotency_key";

/* What a begin statement may use: request.c knows where they come from. */
static const char *const begin_params[] = { "caller_id", "actor",
	"idempotency_key", "idempotency_fingerprint", NULL };

/* Both directions: what the statement uses, and what the document offers. */
int
operation_bind(struct operation *op, char *err, size_t errlen)
{
	struct statement *s = op->statement;
	bool		  used[OPERATION_PARAMS_MAX] = { false };
	size_t		  i;

	if (op->takes_key && op->callers & 1U << CALLER_PUBLIC)
		return (openapi_fault(err, errlen,
		    "%s: a key is somebody's, not the public's", op->id));
	if (op->takes_key && !statement_enclose(s, keep_before, keep_behind))
		return (openapi_fault(err, errlen,
		    "statement %s has too many parameters", op->id));
	for (i = 0; i < s->nparams; i++) {
		if (find_source(op, s->params[i], &op->source[i]) == -1)
			return (openapi_fault(err, errlen,
			    "statement %s uses :%s, which the "
			    "document does not declare",
			    op->id, s->params[i]));
		if (op->source[i].kind == FROM_PARAMETER)
			used[op->source[i].index] = true;
		if (op->source[i].kind == FROM_FAULTS)
			op->takes_faults = true;
	}
	for (i = 0; i < op->nparams; i++)
		if (!used[i] && strcmp(op->params[i].name, "cursor") != 0)
			return (openapi_fault(err, errlen,
			    "%s declares the parameter %s, which "
			    "its statement does not use",
			    op->id, op->params[i].name));
	return (0);
}

static int
find_source(const struct operation *op, const char *name, struct source *out)
{
	size_t i;

	for (i = 0; i < op->nparams; i++) {
		if (strcmp(op->params[i].field != NULL ?
			    op->params[i].field->parameter :
			    op->params[i].name,
			name) == 0) {
			*out = (struct source){ FROM_PARAMETER, i };
			return (0);
		}
	}
	for (i = 0; i < op->ncursor; i++) {
		if (strncmp(name, "after_", 6) == 0 &&
		    strcmp(name + 6, op->cursor[i]) == 0) {
			*out = (struct source){ FROM_CURSOR, i };
			return (0);
		}
	}
	if (strcmp(name, "body") == 0 && (op->body != NULL || op->raw))
		*out = (struct source){ FROM_BODY, 0 };
	else if (strcmp(name, "if_match") == 0 && op->needs_if_match)
		*out = (struct source){ FROM_IF_MATCH, 0 };
	else if (strcmp(name, "after") == 0 && op->ncursor > 0)
		*out = (struct source){ FROM_AFTER, 0 };
	else if (strcmp(name, "media_type") == 0 && op->html)
		*out = (struct source){ FROM_MEDIA_TYPE, 0 };
	else if (strcmp(name, "faults") == 0 && op->html && op->form)
		*out = (struct source){ FROM_FAULTS, 0 };
	else if (strcmp(name, "media_type") == 0 && op->raw)
		*out = (struct source){ FROM_TYPE, 0 };
	else if (strcmp(name, "known") == 0 && op->raw_answer)
		*out = (struct source){ FROM_KNOWN, 0 };
	else if (strcmp(name, "limits") == 0 && op->limits != NULL)
		*out = (struct source){ FROM_LIMITS, 0 };
	else
		return (find_caller(name, out));
	return (0);
}

/* "for_partner": its lines are for callers of that kind only. */
static int
find_caller(const char *name, struct source *out)
{
	size_t i;

	for (i = 0; i < CALLER_KINDS; i++) {
		if (strncmp(name, "for_", 4) == 0 &&
		    strcmp(name + 4, caller_kind_name((enum caller_kind)i)) ==
			0) {
			*out = (struct source){ FROM_CALLER, i };
			return (0);
		}
	}
	return (-1);
}

struct statement *
operation_begin(enum caller_kind kind)
{
	return (begins[kind]);
}

struct statement *
operation_replay(void)
{
	return (replay);
}

static bool
is_begin_parameter(const char *name)
{
	size_t i;

	for (i = 0; begin_params[i] != NULL; i++)
		if (strcmp(name, begin_params[i]) == 0)
			return (true);
	return (false);
}

/* No statement without an operation, and one begin for each caller. */
int
operation_check_statements(char *err, size_t errlen)
{
	struct statement *s;
	char		  name[32];
	size_t		  i, j;

	for (i = 0; i < CALLER_KINDS; i++) {
		snprintf(name, sizeof(name), "begin_%s",
		    caller_kind_name((enum caller_kind)i));
		s = statement_find(name);
		if (s == NULL)
			return (openapi_fault(err, errlen,
			    "there is no statement %s", name));
		begins[i] = s;
		for (j = 0; j < s->nparams; j++)
			if (!is_begin_parameter(s->params[j]))
				return (openapi_fault(err, errlen,
				    "statement %s uses :%s, which a begin "
				    "statement does not have",
				    name, s->params[j]));
	}
	replay = statement_find("replay_answer");
	if (replay == NULL || replay->nparams != 1 ||
	    strcmp(replay->params[0], "idempotency_key") != 0)
		return (openapi_fault(err, errlen,
		    "there is no statement replay_answer of :idempotency_key"));
	for (i = 0; i < statement_count(); i++) {
		s = statement_at(i);
		if (strncmp(s->name, "begin_", 6) == 0 || s == replay)
			continue;
		for (j = 0; j < operation_count(); j++)
			if (operation_at(j)->statement == s)
				break;
		if (j == operation_count())
			return (openapi_fault(err, errlen,
			    "statement %s belongs to no "
			    "operation of the document",
			    s->name));
	}
	return (0);
}
