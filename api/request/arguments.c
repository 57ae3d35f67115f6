/*
 * The query of a request against the document. Every fault is reported
 * together.
 *
 * A list comes as a parameter for each value (also called name[]), with commas
 * between values, or both. So its pieces are put together as they were sent,
 * taken apart at the commas and then decoded: a comma within a value is sent
 * encoded. Where no value has one, commas between values may be encoded too, as
 * many clients do.
 */
#include <string.h>

#include "arguments.h"
#include "builder.h"
#include "fail.h"
#include "request.h"
#include "uri.h"

/*
 * What is dear by the piece: a parameter counts one, each value of a list as
 * well, and so does a refusal. What is behind that is not read.
 */
#define PIECES_MAX   400
#define SAY(number)  SAY_(number)
#define SAY_(number) #number

/* What was sent of a list. */
struct list {
	struct builder sent;
	size_t	       pieces;
};

struct arguments {
	struct list *list[OPERATION_PARAMS_MAX]; /* NULL: none of it yet */
	const char  *cursor;
	size_t	     pieces;
	bool	     full, refused;
};

static bool   read_pair(struct request *, struct arguments *,
      const struct uri_pair *);
static size_t find_param(struct request *, const char *);
static bool   add_piece(struct request *, struct arguments *, size_t,
      const struct uri_pair *, const char *);
static bool   take_pieces(struct arguments *, size_t);
static void   leave(struct request *, struct arguments *,
      const struct uri_pair *);
static bool   read_list(struct request *, const struct list *, size_t);
static bool   read_rest(struct request *, const struct arguments *);
static bool   take(struct request *, size_t, size_t,
      const struct schema_faults *);
static bool refuse(struct request *, const char *, const char *, const char *);
static bool read_cursor(struct request *, const char *);
static const char *cursor_context(struct request *);

bool
request_read_query(struct request *r)
{
	struct arguments args = { 0 };
	const char	*query = r->msg->query;
	struct uri_pair	 pair;

	while (query != NULL && !args.full && uri_next_pair(&query, &pair))
		if (!read_pair(r, &args, &pair)) {
			args.refused = true;
			args.pieces++;
		}
	if (args.full)
		leave(r, &args, &pair);
	if (!read_rest(r, &args) || args.refused)
		return fail(r, PROBLEM_INVALID_PARAMETER,
		    "A query parameter is not as the document says.");
	if (r->op->ncursor > 0)
		r->cursor_context = cursor_context(r);
	return args.cursor == NULL || read_cursor(r, args.cursor);
}

static bool
read_pair(struct request *r, struct arguments *args,
    const struct uri_pair *pair)
{
	struct schema_faults faults = { .arena = r->arena };
	const char	    *name, *value;
	size_t		     i;

	if (!take_pieces(args, 1))
		return true;
	name = uri_decode(r->arena, pair->name, pair->name_len, URI_QUERY);
	/* Somebody pastes lines: the formats know where they may stand. */
	value = uri_decode(r->arena, pair->value, pair->value_len, URI_FORM);
	i = name == NULL ? r->op->nparams : find_param(r, name);
	if (name == NULL || value == NULL) {
		if (i < r->op->nparams)
			r->args[i] = ""; /* seen, so that it is not missed */
		return refuse(r,
		    arena_strndup(r->arena, pair->name, pair->name_len),
		    "encoding",
		    "Write it as percent-encoded UTF-8 without control "
		    "characters.");
	}
	if (i == r->op->nparams)
		return refuse(r, name, "unknown",
		    "The operation has no such parameter.");
	if (r->op->params[i].list != SCHEMA_NO_LIST)
		return add_piece(r, args, i, pair, value);
	if (r->op->ncursor > 0 && strcmp(name, "cursor") == 0 &&
	    args->cursor == NULL) {
		args->cursor = value;
		return true;
	}
	if (r->args[i] != NULL || strcmp(name, "cursor") == 0)
		return refuse(r, name, "repeated",
		    "Give it once: it has one value.");
	return take(r, i,
	    schema_check_text(r->op->params[i].schema, value, &faults,
		&r->args[i]),
	    &faults);
}

/* Many clients write a list as name[]=a&name[]=b. */
static size_t
find_param(struct request *r, const char *name)
{
	const size_t len = strlen(name);
	size_t	     i = operation_query_param(r->op, name);

	if (i < r->op->nparams || len < 2 || strcmp(name + len - 2, "[]") != 0)
		return i;
	i = operation_query_param(r->op,
	    arena_strndup(r->arena, name, len - 2));
	return i < r->op->nparams && r->op->params[i].list == SCHEMA_NO_LIST ?
	    r->op->nparams :
	    i;
}

/* One more than there may be is kept, for read_list() to refuse. */
static bool
add_piece(struct request *r, struct arguments *args, size_t i,
    const struct uri_pair *pair, const char *value)
{
	struct list *list = args->list[i];
	size_t	     values = 1;

	for (; *value != '\0' && values <= r->op->params[i].max; value++)
		values += *value == ',';
	if (!take_pieces(args, values))
		return true;
	if (list == NULL) {
		list = args->list[i] = arena_alloc(r->arena, sizeof(*list));
		*list = (struct list){ .sent = { .arena = r->arena } };
	} else if (list->pieces > r->op->params[i].max)
		return false;
	else
		builder_add(&list->sent, ",");
	builder_add_bytes(&list->sent, pair->value, pair->value_len);
	list->pieces++;
	return true;
}

static bool
take_pieces(struct arguments *args, size_t count)
{
	args->full = args->pieces + count > PIECES_MAX;
	args->pieces += count;
	return !args->full;
}

/* From that pair on, of which there is a word, unless there are others. */
static void
leave(struct request *r, struct arguments *args, const struct uri_pair *from)
{
	if (args->refused)
		fail_more(r, uri_count_pairs(from->name));
	else
		args->refused = !refuse(r,
		    arena_strndup(r->arena, from->name, from->name_len),
		    "too-many",
		    "A query has at most " SAY(
			PIECES_MAX) " parameters and "
				    "values of lists, together: write lists with commas.");
}

/* What was not sent, and lists, which are whole now. */
static bool
read_rest(struct request *r, const struct arguments *args)
{
	const struct parameter *p;
	bool			ok = true;
	size_t			i;

	for (i = 0; i < r->op->nparams; i++) {
		p = &r->op->params[i];
		if (args->list[i] != NULL)
			ok &= read_list(r, args->list[i], i);
		if (p->in != IN_QUERY || r->args[i] != NULL)
			continue;
		r->args[i] = schema_default_text(p->schema, r->arena);
		if (r->args[i] == NULL && p->required)
			ok = refuse(r, p->name, "required",
			    "This parameter is required.");
	}
	return ok;
}

/* No item is looked at but one more than there may be. */
static bool
read_list(struct request *r, const struct list *list, size_t i)
{
	const struct parameter *p = &r->op->params[i];
	struct schema_faults	faults = { .arena = r->arena };
	const bool		whole = p->list == SCHEMA_LIST_WITHOUT_COMMAS;
	const char	      **items, *sent = list->sent.text;
	char		       *rest, *item;
	size_t			n = 0;

	if (whole)
		sent = uri_decode(r->arena, sent, list->sent.len, URI_FORM);
	rest = arena_strdup(r->arena, sent);
	items = arena_alloc(r->arena, (p->max + 1) * sizeof(*items));
	while (n <= p->max && (item = strsep(&rest, ",")) != NULL)
		items[n++] = whole ?
		    item :
		    uri_decode(r->arena, item, strlen(item), URI_FORM);
	return take(r, i,
	    schema_check_items(p->schema, items, n, &faults, &r->args[i]),
	    &faults);
}

static bool
take(struct request *r, size_t i, size_t found,
    const struct schema_faults *faults)
{
	if (found == 0)
		return true;
	fail_schema(r, "parameter", r->op->params[i].name, faults, found);
	r->args[i] = ""; /* seen: a repetition is a fault of its own */
	return false;
}

static bool
refuse(struct request *r, const char *name, const char *code,
    const char *sentence)
{
	fail_at(r, "parameter", name, code, sentence);
	return false;
}

static bool
read_cursor(struct request *r, const char *cursor)
{
	if (cursor_decode(r->arena, r->cursor_context, cursor, r->keys,
		r->op->ncursor) == -1) {
		fail_at(r, "parameter", "cursor", "invalid",
		    "Start again without it.");
		return fail(r, PROBLEM_INVALID_CURSOR,
		    "The cursor was "
		    "altered, or belongs to another caller, list or "
		    "filter.");
	}
	r->after = true;
	return true;
}

/* Operation, caller, parent and filters; limit may change on the way. */
static const char *
cursor_context(struct request *r)
{
	struct builder context = { .arena = r->arena };
	size_t	       i;

	builder_printf(&context, "%s\n%s:%s", r->op->id,
	    caller_kind_name(r->caller.kind), r->caller.id);
	for (i = 0; i < r->op->nparams; i++)
		if (r->args[i] != NULL && i != r->op->limit_param)
			builder_printf(&context, "\n%zu %zu %s", i,
			    strlen(r->args[i]), r->args[i]);
	return builder_text(&context);
}
