/*
 * Arena: bump allocation out of 8 KiB chunks. Idle ones wait in a list of their
 * thread, so a request in steady state costs no malloc() and no lock. Memory is
 * zeroed when it is handed out, hence nothing of an earlier request can be
 * read.
 *
 * With AddressSanitizer every allocation is a malloc() of its exact size, so
 * that overflows and uses after arena_free() are found.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_EXACT 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_EXACT 1
#endif

#define CHUNK_DATA (8192 - sizeof(struct chunk))
#define IDLE_MAX   1024 /* chunks, 8 MiB */
#ifdef ARENA_EXACT
#define SHARED_MAX 0
#else
#define SHARED_MAX 2048 /* larger allocations get their own chunk */
#endif

struct chunk {
	struct chunk *next;
	size_t	      size; /* of data, in bytes */
	size_t	      used;
	max_align_t   data[];
};

struct deferred {
	struct deferred *next;
	void (*release)(void *);
	void *object;
};

struct arena {
	struct chunk	*chunks;   /* the first is being filled */
	struct deferred *deferred; /* newest first */
};

static _Thread_local struct chunk *idle;
static _Thread_local size_t	   idle_count;

static struct chunk *chunk_new(size_t);
static struct chunk *chunk_take(void);
static void	     chunk_release(struct chunk *);
static void	    *chunk_carve(struct chunk *, size_t);
static size_t	     aligned(size_t);

struct arena *
arena_new(void)
{
	struct chunk *chunk = chunk_take();
	struct arena *arena;

	arena = chunk_carve(chunk, sizeof(*arena));
	arena->chunks = chunk;
	return arena;
}

void
arena_free(struct arena *arena)
{
	struct chunk	*chunk, *next;
	struct deferred *deferred;

	if (arena == NULL)
		return;
	while ((deferred = arena->deferred) != NULL) {
		arena->deferred = deferred->next;
		deferred->release(deferred->object);
	}
	/* The arena itself lies in the last chunk of its list. */
	for (chunk = arena->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		chunk_release(chunk);
	}
}

void *
arena_alloc(struct arena *arena, size_t size)
{
	struct chunk *chunk = arena->chunks;

	if (size > SHARED_MAX) {
		/* Behind the head, whose rest stays in use. */
		chunk = chunk_new(size);
		chunk->next = arena->chunks->next;
		arena->chunks->next = chunk;
	} else if (chunk->size - chunk->used < aligned(size)) {
		chunk = chunk_take();
		chunk->next = arena->chunks;
		arena->chunks = chunk;
	}
	return chunk_carve(chunk, size);
}

char *
arena_strndup(struct arena *arena, const char *text, size_t max)
{
	size_t len = strnlen(text, max);

	return memcpy(arena_alloc(arena, len + 1), text, len);
}

char *
arena_strdup(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(arena_alloc(arena, size), text, size);
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char   *text;

	va_start(args, format);
	text = arena_vprintf(arena, format, args);
	va_end(args);
	return text;
}

char *
arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	char	small[256], *text;
	va_list again;
	int	len;

	va_copy(again, args);
	len = vsnprintf(small, sizeof(small), format, args);
	if (len < 0)
		abort();
	text = arena_alloc(arena, (size_t)len + 1);
	if ((size_t)len < sizeof(small))
		memcpy(text, small, (size_t)len);
	else
		vsnprintf(text, (size_t)len + 1, format, again);
	va_end(again);
	return text;
}

void
arena_defer(struct arena *arena, void (*release)(void *), void *object)
{
	struct deferred *deferred = arena_alloc(arena, sizeof(*deferred));

	deferred->release = release;
	deferred->object = object;
	deferred->next = arena->deferred;
	arena->deferred = deferred;
}

static struct chunk *
chunk_new(size_t size)
{
	struct chunk *chunk = NULL;

	if (size <= SIZE_MAX / 2)
		chunk = malloc(sizeof(*chunk) + size);
	if (chunk == NULL) {
		fprintf(stderr, "out of memory: %zu bytes\n", size);
		abort();
	}
	chunk->next = NULL;
	chunk->size = size;
	chunk->used = 0;
	return chunk;
}

static struct chunk *
chunk_take(void)
{
	struct chunk *chunk = idle;

	if (chunk == NULL)
		return chunk_new(CHUNK_DATA);
	idle = chunk->next;
	idle_count--;
	chunk->next = NULL;
	chunk->used = 0;
	return chunk;
}

static void
chunk_release(struct chunk *chunk)
{
	if (SHARED_MAX == 0 || chunk->size != CHUNK_DATA ||
	    idle_count == IDLE_MAX) {
		free(chunk);
		return;
	}
	chunk->next = idle;
	idle = chunk;
	idle_count++;
}

static void *
chunk_carve(struct chunk *chunk, size_t size)
{
	char *start = (char *)chunk->data + chunk->used;

	chunk->used += aligned(size);
	return memset(start, 0, size);
}

static size_t
aligned(size_t size)
{
	size_t unit = sizeof(max_align_t);

	return (size + unit - 1) / unit * unit;
}
