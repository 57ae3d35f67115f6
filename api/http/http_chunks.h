/*
 * Chunked bodies, and refusing. For http_parse.c and the connection.
 */
#ifndef CASEWORK_HTTP_CHUNKS_H
#define CASEWORK_HTTP_CHUNKS_H

#include "http_parse.h"

static inline enum http_verdict
http_refuse(struct http_fault *fault, int status, const char *detail)
{
	fault->status = status;
	fault->detail = detail;
	return HTTP_REFUSED;
}

/*
 * Decodes in place what has arrived. HTTP_COMPLETE leaves the body behind the
 * head, its length in body_len and the end of the message in raw.
 */
enum http_verdict http_read_chunks(struct http_parser *, char *, size_t len,
    struct http_fault *);

/*
 * Takes out the framing between the chunks that are decoded and the bytes that
 * are not; returns what is left of len.
 */
size_t http_compact(struct http_parser *, char *buf, size_t len);

/*
 * Takes out the first bytes of the body, which somebody has kept elsewhere;
 * returns what is left of len.
 */
size_t http_take(struct http_parser *, char *buf, size_t len, size_t bytes);

#endif
