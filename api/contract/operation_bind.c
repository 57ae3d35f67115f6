/*
 * The document against the statements, in both directions: a parameter or a
 * statement that only one side knows stops the start.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openapi.h"
#include "operation_bind.h"

static struct binding *binding_new(struct statement *);
static int bind(struct operation *, struct binding *, bool *, char *, size_t);
static int bind_stream(struct operation *, bool *, char *, size_t);
static int find_sources(struct operation *, struct binding *, bool *, char *,
    size_t);
static int bind_kind(struct operation *, struct statement *, const char *,
    char *, size_t);
static int find_source(const struct operation *, const char *, struct source *);
static bool find_source_of_stream(const char *, struct source *);
static bool is_begin_parameter(const char *);
static bool is_used(const struct statement *);

static struct statement *begins[CALLER_KINDS];
static struct statement *replay, *district, *identify;

/* With an Idempotency-Key the answer is kept in the same transaction. */
static const char keep_before[] =
    "with answer as materialized ( --? idempotency_key";
static const char keep_behind[] =
    ") select a.*, rules.keep_answer(:idempotency_key, to_json(a)) as kept "
    "from answer as a --? idempotency_key";

/* What a begin statement may use: call.c knows where they come from. */
static const char *const begin_params[] = { "caller_id", "actor", "identity_id",
	"actor_identity_id", "kid", "roles", "idempotency_key",
	"idempotency_fingerprint", NULL };

/*
 * The operation's statement is for all its callers, but for the kinds that have
 * one of their own.
 */
int
operation_bind(struct operation *op, char *err, size_t errlen)
{
	static const char infix[] = "_for_";
	struct binding	 *binding = binding_new(statement_find(op->id));
	const char	 *name;
	bool		  used[OPERATION_PARAMS_MAX] = { false };
	size_t		  i, len = strlen(op->id);
	int		  result = 0;

	for (i = 0; i < CALLER_KINDS; i++)
		if (op->callers & 1U << i)
			op->binding[i] = binding;
	if (op->takes_key && op->callers & 1U << CALLER_PUBLIC)
		return openapi_fault(err, errlen,
		    "%s: a key is somebody's, not the public's", op->id);
	if ((op->stream && bind_stream(op, used, err, errlen) == -1) ||
	    bind(op, binding, used, err, errlen) == -1)
		return -1;
	for (i = 0; i < statement_count() && result == 0; i++) {
		name = statement_at(i)->name;
		if (strncmp(name, op->id, len) == 0 &&
		    strncmp(name + len, infix, sizeof(infix) - 1) == 0)
			result = bind_kind(op, statement_at(i),
			    name + len + sizeof(infix) - 1, err, errlen);
	}
	for (i = 0; i < CALLER_KINDS; i++)
		if (op->binding[i] == binding)
			return result;
	free(binding);
	if (result == 0)
		(void)openapi_fault(err, errlen,
		    "statement %s is nobody's: each caller has one of its own",
		    op->id);
	return -1;
}

static struct binding *
binding_new(struct statement *s)
{
	struct binding *binding = calloc(1, sizeof(*binding));

	if (binding == NULL)
		abort();
	binding->statement = s;
	return binding;
}

/*
 * Both directions: what the statement uses, and what the document offers. used:
 * by those that are sent before.
 */
static int
bind(struct operation *op, struct binding *binding, bool *used, char *err,
    size_t errlen)
{
	struct statement *s = binding->statement;
	size_t		  i;

	if (op->takes_key && !statement_enclose(s, keep_before, keep_behind))
		return openapi_fault(err, errlen,
		    "statement %s has too many parameters", s->name);
	if (find_sources(op, binding, used, err, errlen) == -1)
		return -1;
	for (i = 0; i < op->nparams; i++)
		if (!used[i] && strcmp(op->params[i].name, "cursor") != 0)
			return openapi_fault(err, errlen,
			    "%s declares the parameter %s, which "
			    "statement %s does not use",
			    op->id, op->params[i].name, s->name);
	return 0;
}

/* What stands before a streamed body, and what each part of it is sent by. */
static int
bind_stream(struct operation *op, bool *used, char *err, size_t errlen)
{
	static const char *const behind[] = { "_begin", "_part" };
	const struct binding   **to[] = { &op->opening, &op->part };
	struct binding		*binding;
	struct statement	*s;
	char			 name[128];
	size_t			 i;

	for (i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "%s%s", op->id, behind[i]);
		s = statement_find(name);
		if (s == NULL)
			return openapi_fault(err, errlen,
			    "%s is a stream and has no statement %s", op->id,
			    name);
		binding = binding_new(s);
		*to[i] = binding;
		if (find_sources(op, binding, used, err, errlen) == -1)
			return -1;
	}
	return 0;
}

static int
find_sources(struct operation *op, struct binding *binding, bool *used,
    char *err, size_t errlen)
{
	const struct statement *s = binding->statement;
	size_t			i;

	for (i = 0; i < s->nparams; i++) {
		if (find_source(op, s->params[i], &binding->source[i]) == -1)
			return openapi_fault(err, errlen,
			    "statement %s uses :%s, which the "
			    "document does not declare",
			    s->name, s->params[i]);
		if (binding->source[i].kind == FROM_PARAMETER)
			used[binding->source[i].index] = true;
		if (binding->source[i].kind == FROM_FAULTS)
			op->takes_faults = true;
	}
	return 0;
}

/* "list_cases_for_partner" is what partners get instead of list_cases. */
static int
bind_kind(struct operation *op, struct statement *s, const char *kind_name,
    char *err, size_t errlen)
{
	enum caller_kind kind = caller_kind_of(kind_name, strlen(kind_name));
	bool		 used[OPERATION_PARAMS_MAX] = { false };
	struct binding	*binding;

	if (kind == CALLER_KINDS)
		return openapi_fault(err, errlen,
		    "statement %s: no caller is called %s", s->name, kind_name);
	if (op->binding[kind] == NULL)
		return openapi_fault(err, errlen,
		    "statement %s: %s is not among the callers of %s", s->name,
		    kind_name, op->id);
	binding = binding_new(s);
	op->binding[kind] = binding;
	return bind(op, binding, used, err, errlen);
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
			return 0;
		}
	}
	for (i = 0; i < op->ncursor; i++) {
		if (strncmp(name, "after_", 6) == 0 &&
		    strcmp(name + 6, op->cursor[i]) == 0) {
			*out = (struct source){ FROM_CURSOR, i };
			return 0;
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
	else if (strcmp(name, "stated_media_type") == 0 && op->raw)
		*out = (struct source){ FROM_STATED, 0 };
	else if (strcmp(name, "known") == 0 && op->raw_answer)
		*out = (struct source){ FROM_KNOWN, 0 };
	else if (strcmp(name, "limits") == 0 && op->limits_node != NULL)
		*out = (struct source){ FROM_LIMITS, 0 };
	else if (strcmp(name, "public_url") == 0)
		*out = (struct source){ FROM_PUBLIC_URL, 0 };
	else if (strcmp(name, "status_url") == 0)
		*out = (struct source){ FROM_STATUS_URL, 0 };
	else if (!op->stream || !find_source_of_stream(name, out))
		return -1;
	return 0;
}

static bool
find_source_of_stream(const char *name, struct source *out)
{
	static const struct {
		const char	*name;
		enum source_kind kind;
	} sources[] = {
		{ "stream", FROM_STREAM },
		{ "part", FROM_PART },
		{ "size_bytes", FROM_SIZE },
		{ "digests", FROM_DIGESTS },
	};
	size_t i;

	for (i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
		if (strcmp(sources[i].name, name) == 0) {
			*out = (struct source){ sources[i].kind, 0 };
			return true;
		}
	return false;
}

struct statement *
operation_begin(enum caller_kind kind)
{
	return begins[kind];
}

struct statement *
operation_replay(void)
{
	return replay;
}

struct statement *
operation_district(void)
{
	return district;
}

struct statement *
operation_identify(void)
{
	return identify;
}

static bool
is_begin_parameter(const char *name)
{
	size_t i;

	for (i = 0; begin_params[i] != NULL; i++)
		if (strcmp(name, begin_params[i]) == 0)
			return true;
	return false;
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
			return openapi_fault(err, errlen,
			    "there is no statement %s", name);
		begins[i] = s;
		for (j = 0; j < s->nparams; j++)
			if (!is_begin_parameter(s->params[j]))
				return openapi_fault(err, errlen,
				    "statement %s uses :%s, which a begin "
				    "statement does not have",
				    name, s->params[j]);
	}
	replay = statement_find("replay_answer");
	if (replay == NULL || replay->nparams != 1 ||
	    strcmp(replay->params[0], "idempotency_key") != 0)
		return openapi_fault(err, errlen,
		    "there is no statement replay_answer of :idempotency_key");
	district = statement_find("caller_district");
	if (district == NULL || district->nparams != 0)
		return openapi_fault(err, errlen,
		    "there is no statement caller_district without parameters");
	identify = statement_find("identify");
	if (identify == NULL)
		return openapi_fault(err, errlen,
		    "there is no statement identify");
	for (i = 0; i < statement_count(); i++) {
		s = statement_at(i);
		if (strncmp(s->name, "begin_", 6) == 0 || s == replay ||
		    s == district || s == identify)
			continue;
		if (!is_used(s))
			return openapi_fault(err, errlen,
			    "statement %s belongs to no "
			    "operation of the document",
			    s->name);
	}
	return 0;
}

/* Somebody gets it: a statement that is never sent is a forgotten one. */
static bool
is_used(const struct statement *s)
{
	const struct operation *op;
	size_t			i, k;

	for (i = 0; i < operation_count(); i++) {
		op = operation_at(i);
		if (op->stream &&
		    (op->opening->statement == s || op->part->statement == s))
			return true;
		for (k = 0; k < CALLER_KINDS; k++)
			if (op->binding[k] != NULL &&
			    op->binding[k]->statement == s)
				return true;
	}
	return false;
}
