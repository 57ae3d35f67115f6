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
#include "fields.h"
#include "http_message.h"
#include "query.h"
#include "schema.h"
#include "statement.h"

#define OPERATION_SEGMENTS_MAX 12
#define OPERATION_PARAMS_MAX   STATEMENT_PARAMS_MAX
#define OPERATIONS_MAX	       512
#define OPERATION_TYPES_MAX    32 /* of a raw body */
#define OPERATION_CURSOR_MAX   4
#define OPERATION_PAGE_BYTES   262144 /* of items; then the page ends */

enum parameter_in { IN_PATH, IN_QUERY, IN_HEADER };

struct parameter {
	const char	    *name; /* on the wire */
	enum parameter_in    in;
	bool		     required;
	const struct schema *schema;
	const struct field  *field; /* IN_HEADER: how it is read */
	/* The value with which it makes the statement slow; "": any; NULL: it
	   never does. */
	const char *slow;
	bool	    filters; /* a collection */
	/* whether it is a list, and of how many items at most */
	enum schema_list list;
	size_t		 max;
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
	FROM_TYPE,	 /* media type of a raw body, one of type[] */
	FROM_STATED,	 /* as the client called it; NULL: it did not */
	FROM_LIMITS,	 /* what is enforced here, as JSON */
	FROM_KNOWN,	 /* etags of which no bytes are wanted, as text[] */
	FROM_PUBLIC_URL, /* what links begin with */
	FROM_STATUS_URL, /* where the status page is */
	FROM_STREAM,	 /* what a streamed body is kept as; and of it … */
	FROM_PART,	 /* … the number of a part, from 1 */
	FROM_SIZE,	 /* … all of its bytes */
	FROM_DIGESTS	 /* … and their digests */
};

struct source {
	enum source_kind kind;
	size_t		 index;
};

/* A statement of an operation, its parameters tied to the request. */
struct binding {
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
	bool		     takes_slow;   /* some make it slow */
	struct parameter     params[OPERATION_PARAMS_MAX];
	size_t		     nquery; /* of them are IN_QUERY, … */
	size_t		     by_name[OPERATION_PARAMS_MAX]; /* … sorted */
	bool		     needs_if_match;
	bool		     takes_key; /* Idempotency-Key, params[key_param] */
	size_t		     key_param;
	const struct schema *body;     /* NULL: takes none */
	bool		     raw;      /* the body is bytes: a bytea */
	bool		     stream;   /* that are never all in memory */
	bool		     any_type; /* of bytes: not only type[] */
	size_t		     body_max; /* bytes */
	const char	    *type[OPERATION_TYPES_MAX]; /* of a raw body */
	size_t		     ntypes;
	bool		     merge_patch;  /* RFC 7396 media type too */
	bool		     form;	   /* HTML forms too */
	bool		     multipart;	   /* in parts as well */
	bool		     takes_faults; /* its statement shows them */
	bool		     raw_answer;   /* bytes, of a type in the row */
	bool		     xml;	   /* a text of its one type */
	bool		     json;	   /* answers application/json */
	bool		     html;	   /* text/html too, by Accept */
	bool		     csv;	   /* text/csv too, with … */
	json_t		    *columns;	   /* … "member", "member.member" */
	const char	    *media_type;   /* of the answer otherwise */
	const char	    *limits;	   /* JSON, for its statement, of … */
	const json_t	    *limits_node;  /* its x-limits */
	unsigned	     callers;	   /* bit per caller_kind */
	const char	    *roles;	   /* of staff, a text[]; NULL: all */
	bool		     open;	   /* tokens are not looked at */
	const char	    *scope;	   /* NULL: none */
	uint64_t	     scope_bit;	   /* of scopes.h; 0: none */
	const char	    *cache_control;
	long		     max_age; /* seconds the public's may be kept */
	bool		     etag;    /* 200 documents an ETag */
	enum db_pool	     pool;
	/* what callers of a kind get, or … */
	const struct binding *binding[CALLER_KINDS];
	/* of a stream, besides: what is sent before the body, and of a part */
	const struct binding *opening, *part;
	bool (*hook)(struct request *);
	size_t	    ncursor;			  /* a collection if not 0 */
	const char *cursor[OPERATION_CURSOR_MAX]; /* columns */
	size_t	    limit_param;		  /* of a collection */
	bool	    counts;			  /* count=exact, by … */
	size_t	    count_param;
	bool	    resumable; /* pages tell where to go on, the last too */
};

size_t			operation_count(void);
const struct operation *operation_at(size_t);
/* NULL if there is none of that operationId. */
const struct operation *operation_find(const char *id);

/* The largest body that is held for any of them, in bytes. */
size_t operation_body_max(void);

/* The index in params of a query parameter, or nparams. */
size_t operation_query_param(const struct operation *, const char *name);

/* For loading: empties the table. */
void operation_forget(void);
/* Gives the operation its index; false: there are OPERATIONS_MAX already. */
bool operation_add(struct operation *);
/* When all of its parameters are there. */
void operation_sort_query(struct operation *);

#endif
