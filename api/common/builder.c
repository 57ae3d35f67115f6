/*
 * Text that grows: see builder.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "builder.h"

#define FIRST 128 /* bytes; most texts need no more */

static char *room(struct builder *, size_t);

void
builder_add(struct builder *b, const char *text)
{
	builder_add_bytes(b, text, strlen(text));
}

void
builder_add_bytes(struct builder *b, const char *bytes, size_t len)
{
	char *end = room(b, len);

	memcpy(end, bytes, len);
	end[len] = '\0';
	b->len += len;
}

void
builder_printf(struct builder *b, const char *format, ...)
{
	va_list args, again;
	int	len;

	(void)room(b, 0);
	va_start(args, format);
	va_copy(again, args);
	len = vsnprintf(b->text + b->len, b->size - b->len, format, args);
	if (len < 0)
		abort();
	if ((size_t)len >= b->size - b->len)
		vsnprintf(room(b, (size_t)len), (size_t)len + 1, format, again);
	b->len += (size_t)len;
	va_end(again);
	va_end(args);
}

const char *
builder_text(const struct builder *b)
{
	return b->text == NULL ? "" : b->text;
}

/* Room for len bytes and a NUL: where they go. */
static char *
room(struct builder *b, size_t len)
{
	size_t size = b->size == 0 ? FIRST : b->size;
	char  *text;

	while (size - b->len <= len)
		size *= 2;
	if (size != b->size) {
		text = arena_alloc(b->arena, size);
		if (b->len > 0)
			memcpy(text, b->text, b->len);
		b->text = text;
		b->size = size;
	}
	return b->text + b->len;
}
