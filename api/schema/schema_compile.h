/*
 * Between schema_compile.c, which compiles a node and checks the result, and
 * schema_keywords.c, which compiles what stands in it.
 */
#ifndef CASEWORK_SCHEMA_COMPILE_H
#define CASEWORK_SCHEMA_COMPILE_H

#include "schema_internal.h"

struct compiler {
	const json_t *root;
	struct arena *arena; /* of everything compiled */
	char	     *err;
	size_t	      errlen;
};

/* The schema of this node, compiled before or now; NULL: see err. */
const struct schema *schema_compile_node(struct compiler *, const json_t *node,
    const char *where);
/* Compiles the keywords of s->node into s. 0, or -1: see err. */
int schema_compile_keywords(struct compiler *, struct schema *);
/* Writes "where: fault" to err; always -1. */
int schema_refuse(struct compiler *, const struct schema *, const char *, ...)
    __attribute__((format(printf, 3, 4)));

#endif
