/*
 * HTTP/1.1 framing (RFC 9112), strict and pure: bytes in, one message out.
 * There is no second parser behind it that could disagree.
 */
#ifndef CASEWORK_HTTP_PARSE_H
#define CASEWORK_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

#define HTTP_HEADERS_MAX 64
#define HTTP_HEAD_MAX	 16384 /* bytes up to the empty line */
#define HTTP_TARGET_MAX	 8000
#define HTTP_BODY_MAX	 65536 /* decoded; more on request only */

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHODS
};

struct http_header {
	const char *name;  /* NUL terminated, as sent */
	const char *value; /* NUL terminated, trimmed */
};

/* Points into the buffer that was parsed. */
struct http_message {
	enum http_method   method;
	const char	  *path;  /* still percent-encoded */
	const char	  *query; /* NULL without a ? */
	int		   minor; /* HTTP/1.minor */
	bool		   keep_alive;
	bool		   expect_continue;
	bool		   complete; /* the body is here */
	const char	  *body;     /* NUL terminated */
	size_t		   body_len; /* if not complete: as declared, or 0 */
	size_t		   consumed; /* bytes of this message */
	size_t		   nheaders;
	struct http_header header[HTTP_HEADERS_MAX]; /* last: not cleared */
};

/* Carried from one read to the next; all zero at the start of a message. */
struct http_parser {
	size_t	    scanned;  /* no empty line before this offset */
	size_t	    head_len; /* 0 until the head is complete */
	size_t	    body_len; /* Content-Length, or chunks decoded so far */
	size_t	    raw;      /* chunked: offset of the next raw byte */
	bool	    chunked;
	bool	    head_checked;
	const char *base; /* buf when the head was read */
	bool	    expect_continue;
	size_t	    body_max; /* 0 is HTTP_BODY_MAX */
};

enum http_verdict {
	HTTP_MORE, /* the message is not complete */
	HTTP_COMPLETE,
	HTTP_LARGE,  /* the body will be longer than HTTP_BODY_MAX */
	HTTP_REFUSED /* answer fault->status and close */
};

struct http_fault {
	int	    status; /* 400 411 413 414 417 431 501 505 */
	const char *detail; /* a sentence, static */
};

/*
 * Looks at the first len bytes of buf, which may move between calls. The head
 * is read once, as soon as it is there: its strings are terminated in place,
 * and msg must stay the same until the message is complete. Chunked bodies are
 * decoded in place. HTTP_LARGE leaves the message without its body: whoever
 * wants it sets body_max and parses on.
 */
enum http_verdict http_parse(struct http_parser *, char *buf, size_t len,
    struct http_message *, struct http_fault *);

/* The buffer has moved: so do the message's strings. */
void http_moved(struct http_parser *, struct http_message *, const char *buf);
/*
 * Takes out the framing between the chunks that are decoded and the bytes that
 * are not; returns what is left of len.
 */
size_t http_compact(struct http_parser *, char *buf, size_t len);

/* http_headers.c: header of that name (any case), the first one; or NULL. */
const char *http_header(const struct http_message *, const char *name);
/* All lines of that name as one list (RFC 9110 5.3), in the arena; or NULL. */
const char *http_header_list(struct arena *, const struct http_message *,
    const char *name);
const char *http_method_name(enum http_method);

#endif
