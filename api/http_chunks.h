/*
 * Chunked bodies. Private to http_parse.c.
 */
#ifndef CASEWORK_HTTP_CHUNKS_H
#define CASEWORK_HTTP_CHUNKS_H

#include "http_parse.h"

/*
 * Decodes in place what has arrived. HTTP_COMPLETE leaves the body behind the
 * head, its length in body_len and the end of the message in raw.
 */
enum http_verdict http_read_chunks(struct http_parser *, char *, size_t len,
    struct http_fault *);

#endif
