/*
 * HTTP/1.1 framing (RFC 9112), strict and pure: bytes in, one message out.
 * There is no second parser behind it that could disagree.
 */
#ifndef CASEWORK_HTTP_PARSE_H
#define CASEWORK_HTTP_PARSE_H

#include <stdbool.h>
#include <stddef.h>

#include "http_message.h"

/* Carried from one read to the next; all zero at the start of a message. */
struct http_parser {
	size_t	    scanned;  /* nothing to find before this offset */
	size_t	    head_len; /* 0 until the head is complete */
	size_t	    body_len; /* Content-Length, or chunks decoded so far */
	size_t	    raw;      /* chunked: offset of the next raw byte */
	size_t	    chunk;    /* bytes to come of one, its CRLF among them */
	size_t	    taken;    /* bytes of the body that the buffer has not */
	size_t	    framing;  /* bytes of chunks, or of trailers, dropped */
	size_t	    trailers; /* lines of them */
	bool	    chunked;
	bool	    trailing; /* the last chunk is behind */
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

#endif
