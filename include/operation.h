/*
 * Operations, derived at start-up from the OpenAPI document: how a request is
 * matched, who may send it, what it must look like, and which statement or
 * hook answers it. Immutable once loaded.
 */
#ifndef CASEWORK_OPERATION_H
#define CASEWORK_OPERATION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "caller.h"
#include "cursor.h"
#include "db.h"
#include "fields.h"
#include "http_parse.h"
#include "schema.h"
#include "statement.h"

#define OPERATION_SEGMENTS_MAX 12
#define OPERATION_PARAMS_MAX   STATEMENT_PARAMS_MAX
#define OPERATIONS_MAX	       256
#define OPERATION_METHODS_SIZE 64 /* bytes of operation_methods() */
#define OPERATION_TYPES_MAX    32 /* of a raw body */

enum parameter_in { IN_PATH, IN_QUERY, IN_HEADER };

struct parameter {
	const char	    *name; /* on the wire */
	enum parameter_in    in;
	bool		     required;
	const struct schema *schema;
	const struct field  *field; /* IN_HEADER: how it is read */
};

/* Where a statement's parameter comes from. */
enum source_kind {
	FROM_PARAMETER, /* args[index] */
	FROM_BODY,
	FROM_IF_MATCH,
	FROM_CURSOR,	 /* key[index] of the cursor */
	FROM_AFTER,	 /* only switches lines on */
	FROM_MEDIA_TYPE, /* of the answer, when there is a choice */
	FROM_FAULTS,	 /* of a form, as errors[]; NULL: it fits */
	FROM_TYPE,	 /* media type of a raw body */
	FROM_LIMITS,	 /* what is enforced here, as JSON */
	FROM_KNOWN	 /* etags of which no bytes are wanted, as text[] */
};

struct source {
	enum source_kind kind;
	size_t		 index;
};

/* A statement of an operation, its parameters tied to the request. */
struct query {
	struct statement *statement;
	struct source	  source[STATEMENT_PARAMS_MAX];
};

struct request;

struct operation {
	const char	*id;	/* operationId */
	size_t		 index; /* for metrics */
	enum http_method method;
	const char	*path; /* template */
	size_t		 nsegments;
	/* literal text, or NULL where params[index] stands */
	const char	    *segment[OPERATION_SEGMENTS_MAX];
	size_t		     segment_param[OPERATION_SEGMENTS_MAX];
	size_t		     nparams;
	bool		     takes_fields; /* some are IN_HEADER */
	struct parameter     params[OPERATION_PARAMS_MAX];
	bool		     needs_if_match;
	bool		     takes_key; /* Idempotency-Key, params[key_param] */
	size_t		     key_param;
	bool		     refuses_key; /* its answer tells a secret */
	const struct schema *body;	  /* NULL: takes none */
	bool		     body_required;
	bool		     raw;      /* the body is bytes: a bytea */
	size_t		     body_max; /* bytes */
	const char	    *type[OPERATION_TYPES_MAX]; /* of a raw body */
	size_t		     ntypes;
	bool		     merge_patch;  /* RFC 7396 media type too */
	bool		     form;	   /* HTML forms too */
	bool		     multipart;	   /* in parts as well */
	bool		     takes_faults; /* its statement shows them */
	bool		     raw_answer;   /* bytes, of a type in the row */
	bool		     json;	   /* answers application/json */
	bool		     html;	   /* text/html too, by Accept */
	const char	    *media_type;   /* of the answer otherwise */
	const char	    *limits;	   /* JSON, for its statement */
	unsigned	     callers;	   /* bit per caller_kind */
	bool		     open;	   /* tokens are not looked at */
	const char	    *scope;	   /* NULL: none */
	const char	    *cache_control;
	bool		     etag; /* 200 documents an ETag */
	enum db_pool	     pool;
	/* what callers of a kind get, or … */
	const struct query *query[CALLER_KINDS];
	bool (*hook)(struct request *);
	size_t	    ncursor;		     /* a collection if not 0 */
	const char *cursor[CURSOR_KEYS_MAX]; /* columns */
	size_t	    limit_param;	     /* of a collection */
	bool	    counts;		     /* count=exact, by … */
	size_t	    count_param;
	bool	    resumable; /* pages tell where to go on, the last too */
};

/*
 * Reads the document and ties it to the statements and hooks loaded before.
 * 0, or -1 with a line in err that names the place and the fault.
 */
int operation_load(const char *json, size_t len, char *err, size_t errlen);
/* The statement that begins every transaction of such a caller. */
struct statement *operation_begin(enum caller_kind);
/* The one that reads the answer which belongs to an Idempotency-Key. */
struct statement       *operation_replay(void);
size_t			operation_count(void);
const struct operation *operation_at(size_t);

/*
 * Matches a path, split at its slashes and percent-decoded. allow gets a bit
 * per method that the path has. NULL with *allow 0: no such path.
 */
const struct operation *operation_match(enum http_method, size_t nsegments,
    const char *const *segments, unsigned *allow);
/* Appends the methods that such a bit stands for, HEAD with GET. */
char *operation_methods(char *, unsigned allow);
/* route.c, for loading: nothing is known any more; one operation more. */
void route_forget(void);
void route_add(const struct operation *);
/* make routes: one line per operation. */
void operation_print(void);

#endif
