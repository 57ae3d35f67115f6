/*
 * Reading the document's JSON. Private to operation*.c.
 */
#ifndef CASEWORK_OPENAPI_H
#define CASEWORK_OPENAPI_H

#include <jansson.h>

/* Follows a $ref "#/components/..."; NULL if it leads to nothing. */
const json_t *openapi_resolve(const json_t *document, const json_t *node);
/*
 * What a pointer "#/components/..." names; NULL if it is none, or to nothing.
 */
const json_t *openapi_at(const json_t *document, const char *pointer);
/* A key of the object that is not in the list (NULL at its end), or NULL. */
const char *openapi_unknown_key(const json_t *node, const char *const *known);

/* Writes what is wrong with the document to err; -1, so that it is one line. */
int openapi_fault(char *err, size_t errlen, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
