/*
 * The contract: the OpenAPI document, the statements, and what ties them
 * together. Loaded once, at start-up.
 */
#ifndef CASEWORK_DOCUMENT_H
#define CASEWORK_DOCUMENT_H

#include <stddef.h>

#include "etag.h"
#include "operation_load.h"

struct document {
	const char *text;
	size_t	    len;
	char	    etag[ETAG_SIZE]; /* with its quotes */
};

/* As it is served. */
extern struct document document_json, document_yaml;

/*
 * Loads statements (files of sql/api), then operations, and checks one against
 * the other. The texts must stay. 0, or -1 with a line in err.
 */
int document_load(const struct document *json, const struct document *yaml,
    const struct document *statements, const struct operation_setup *,
    char *err, size_t errlen);

/*
 * The documents as served name this URL as their server, so that clients which
 * are made of them ask there, wherever they were read; unless they name one.
 */
void document_serve_at(const char *url);

#endif
