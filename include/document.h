/*
 * The OpenAPI document and the statements: embedded in the binary, or read
 * from the files that OPENAPI_FILE and STATEMENTS_FILE name.
 */
#ifndef CASEWORK_DOCUMENT_H
#define CASEWORK_DOCUMENT_H

#include <stddef.h>

#include "etag.h"

struct document {
	const char *text;
	size_t	    len;
	char	    etag[ETAG_SIZE]; /* with its quotes */
};

extern struct document document_json, document_yaml;

/*
 * Loads statements, then operations, and checks one against the other. 0, or
 * -1 with a line in err.
 */
int document_load(char *err, size_t errlen);

#endif
