/*
 * A body that is never all in memory: an operation with x-stream gets it part
 * by part, each in a call of its own, between one that opens and the
 * operation's own, which answers. The client is read only between two calls.
 */
#ifndef CASEWORK_STREAM_H
#define CASEWORK_STREAM_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "operation.h"

#define STREAM_PART   262144 /* bytes of a part, but for the last */
#define STREAM_NUMBER 24     /* room for digits */

struct request;

/* Where it stands, in the request's arena. */
struct stream {
	const char *id; /* by the column stream of the first answer */
	/* the call that is next, or under way */
	const struct binding *sends;
	bool		      kept;   /* the part at hand has been sent */
	bool		      asking; /* that is what the call does */
	char		      number[STREAM_NUMBER];	 /* of the part, … */
	size_t		      parts;			 /* … from 1 */
	char		      size_bytes[STREAM_NUMBER]; /* so far, … */
	size_t		      bytes;
	void		     *sha256, *sha512; /* … and so the digests */
	const char	     *sha256_hex;      /* when all is here */
	const char	     *digests;	       /* {"sha-256": "hex", …} */
};

/* What has to be done next. */
enum stream_next {
	STREAM_SEND,	/* a call: it opens, or has a part */
	STREAM_READ,	/* the next part is on its way */
	STREAM_REFUSED, /* r->problem says why */
	STREAM_END	/* all parts are kept */
};

/* Of a request whose operation is a stream, when all but the body is good. */
enum stream_next stream_next(struct request *);
/* What its statements are sent with. */
const char *stream_argument(const struct request *, enum source_kind);
/* The result of a call that was asking. */
void stream_learn(struct request *, const PGresult *);

#endif
