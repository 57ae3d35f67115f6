/*
 * Paging cursors: the key of the last row shown, sealed, and signed together
 * with the operation and its filters, so that an altered cursor, or one used
 * with other filters, is refused. Opaque: one learns nothing from it but that
 * equal cursors are equal places.
 */
#ifndef CASEWORK_CURSOR_H
#define CASEWORK_CURSOR_H

#include <stddef.h>

#include "arena.h"

#define CURSOR_KEYS_MAX 4

/* Reads the secret (at least 32 bytes). 0, or -1 with a line in err. */
int cursor_load(const char *file, char *err, size_t errlen);
/* context: the operation and its filters, in canonical order. */
const char *cursor_encode(struct arena *, const char *context,
    const char *const *keys, size_t nkeys);
/* 0 with nkeys texts in the arena; -1: not one of ours, or another context. */
int cursor_decode(struct arena *, const char *context, const char *cursor,
    const char **keys, size_t nkeys);

#endif
