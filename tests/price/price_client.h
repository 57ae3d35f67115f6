/*
 * A client as the counted engine meets it.
 */
#ifndef CASEWORK_PRICE_CLIENT_H
#define CASEWORK_PRICE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

#include "http_chunks.h"
#include "http_parse.h"

/* Larger than any body of JSON, of which the longest are large ones. */
#define BUFFER_MAX (HTTP_HEAD_MAX + (2 << 20))

struct request;

/* A connection whose bytes come from memory. */
struct client {
	char		    buf[BUFFER_MAX + 1];
	size_t		    len;
	struct http_parser  parser;
	struct http_message message;
	struct request	   *request;
	bool		    answered, receiving;
};

#endif
