/*
 * Text that grows: what is put together out of pieces whose number a client, a
 * row or a document chooses. Its room doubles, so that n pieces are copied
 * O(n) times in all; appending with arena_printf("%s%s") copies them O(n * n)
 * times. Starts with nothing but its arena: { .arena = arena }.
 */
#ifndef CASEWORK_BUILDER_H
#define CASEWORK_BUILDER_H

#include <stddef.h>

#include "arena.h"

struct builder {
	struct arena *arena;
	char	     *text; /* with a NUL; NULL while there is nothing */
	size_t	      len, size;
};

void builder_add(struct builder *, const char *);
void builder_add_bytes(struct builder *, const char *, size_t);
void builder_printf(struct builder *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
/* What there is, "" at first; it is valid until more is added. */
const char *builder_text(const struct builder *);

#endif
