/*
 * Connections: reading requests one at a time, in order, and sending their
 * answers. Kore accepts and polls; everything said on the wire is ours.
 */
#ifndef CASEWORK_HTTP_H
#define CASEWORK_HTTP_H

#include <stdbool.h>
#include <stddef.h>

#include "http_parse.h"

struct http_conn;
struct request;

/* Starts the sweep of deadlines; call in each worker. */
void http_start(void);

/*
 * Sends an answer and goes on with the next request of the connection. Must
 * be called exactly once for each request_start() or request_refuse() whose
 * client has not left; conn is no longer the request's afterwards.
 */
void http_reply(struct http_conn *, const char *head, size_t head_len,
    const char *body, size_t body_len, bool keep_alive);

/* From now on answers close their connection, and idle ones are closed. */
void http_drain(void);
bool http_draining(void);
/* Connections whose request has not been answered. */
unsigned http_busy(void);

/* Implemented by request.c. The message is valid until the reply. */
struct request *request_start(struct http_conn *, const struct http_message *);
/* A message that could not be read; the answer closes the connection. */
void request_refuse(struct http_conn *, const struct http_fault *);
/* The client has left: the request must not use its connection any more. */
void request_abandon(struct request *);

#endif
