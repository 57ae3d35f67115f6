/*
 * Arena: everything a request owns. Allocates or dies; freed in one go.
 * Foreign objects (json_t, PGresult) are deferred to it and released in
 * reverse order when the arena goes.
 */
#ifndef CASEWORK_ARENA_H
#define CASEWORK_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena;

struct arena *arena_new(void);
/* Runs the deferred functions, newest first, then frees all memory. */
void arena_free(struct arena *);
/* Zeroed, aligned for any type, never NULL. */
void *arena_alloc(struct arena *, size_t);
char *arena_strndup(struct arena *, const char *, size_t);
char *arena_strdup(struct arena *, const char *);
char *arena_printf(struct arena *, const char *, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *, const char *, va_list)
    __attribute__((format(printf, 2, 0)));
/* Calls release(object) when the arena is freed. */
void arena_defer(struct arena *, void (*release)(void *), void *object);

#endif
