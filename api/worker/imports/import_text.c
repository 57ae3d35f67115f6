/*
 * Each byte is looked at once. What has been read is moved out of the way only
 * when it is more than what has not, so pieces may be as small as they like.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_text.h"
#include "utf8.h"

static void	   open_text(struct import_text *);
static void	   add(struct import_text *, const char *, size_t);
static void	   add_units(struct import_text *, const char *, size_t);
static void	   add_unit(struct import_text *, uint32_t);
static char	  *room_for(struct import_text *, size_t);
static const char *judge(struct import_text *);
static bool	   end_line(struct import_text *);
static const char *refuse(struct import_text *, const char *);

void
import_text_init(struct import_text *t)
{
	*t = (struct import_text){ .line = 1, .sound_line = 1 };
	*room_for(t, 0) = '\0';
}

void
import_text_free(struct import_text *t)
{
	free(t->bytes);
	t->bytes = NULL;
}

const char *
import_text_add(struct import_text *t, const char *bytes, size_t len)
{
	while (t->encoding == TEXT_UNKNOWN && len > 0) {
		t->head[t->nhead++] = *bytes++;
		len--;
		if (t->nhead == sizeof(t->head))
			open_text(t);
	}
	add(t, bytes, len);
	return judge(t);
}

const char *
import_text_end(struct import_text *t)
{
	if (t->encoding == TEXT_UNKNOWN)
		open_text(t);
	t->ended = true;
	if (t->has_half || t->high != 0)
		return refuse(t, "is not UTF-16: it ends within a character");
	return judge(t);
}

const char *
import_text_at(const struct import_text *t, size_t *len)
{
	*len = t->sound - t->taken;
	return t->bytes + t->taken;
}

void
import_text_take(struct import_text *t, size_t len)
{
	const char *p = t->bytes + t->taken, *end = p + len;

	while ((p = memchr(p, '\n', (size_t)(end - p))) != NULL) {
		t->line++;
		p++;
	}
	t->taken += len;
	if (t->taken <= t->len / 2)
		return;
	memmove(t->bytes, t->bytes + t->taken, t->len - t->taken + 1);
	t->sound -= t->taken;
	t->len -= t->taken;
	t->taken = 0;
}

/* By its byte order mark; all that has none has to be UTF-8. */
static void
open_text(struct import_text *t)
{
	size_t mark = 0;

	t->encoding = TEXT_UTF8;
	if (t->nhead >= 2 && memcmp(t->head, "\xff\xfe", 2) == 0) {
		t->encoding = TEXT_LITTLE;
		mark = 2;
	} else if (t->nhead >= 2 && memcmp(t->head, "\xfe\xff", 2) == 0) {
		t->encoding = TEXT_BIG;
		mark = 2;
	} else if (t->nhead == 3 && memcmp(t->head, "\xef\xbb\xbf", 3) == 0) {
		mark = 3;
	}
	add(t, t->head + mark, t->nhead - mark);
}

static void
add(struct import_text *t, const char *bytes, size_t len)
{
	char *at;

	if (len == 0)
		return;
	if (t->encoding != TEXT_UTF8) {
		add_units(t, bytes, len);
		return;
	}
	at = room_for(t, len);
	memcpy(at, bytes, len);
	at[len] = '\0';
	t->len += len;
}

static void
add_units(struct import_text *t, const char *bytes, size_t len)
{
	unsigned char byte;

	for (; len > 0; len--) {
		byte = (unsigned char)*bytes++;
		t->has_half = !t->has_half;
		if (t->has_half)
			t->half = byte;
		else if (t->encoding == TEXT_LITTLE)
			add_unit(t, (uint32_t)byte << 8 | t->half);
		else
			add_unit(t, (uint32_t)t->half << 8 | byte);
	}
}

/* Half a pair becomes what is no UTF-8, for judge() to find. */
static void
add_unit(struct import_text *t, uint32_t unit)
{
	bool  low = unit >= 0xdc00 && unit <= 0xdfff;
	char *at = room_for(t, 8);

	if (t->high != 0 && low) {
		unit = 0x10000 + ((t->high - 0xd800) << 10) + (unit - 0xdc00);
		low = false;
	} else if (t->high != 0) {
		*at++ = '\xff';
		t->len++;
	}
	t->high = 0;
	if (unit >= 0xd800 && unit <= 0xdbff) {
		t->high = unit;
		*at = '\0';
		return;
	}
	if (low)
		*at = '\xff';
	t->len += low ? 1 : utf8_encode(at, unit);
	t->bytes[t->len] = '\0';
}

/* Where so many bytes more can stand, with a NUL behind. */
static char *
room_for(struct import_text *t, size_t len)
{
	while (t->len + len + 1 > t->room) {
		t->room = t->room == 0 ? 4096 : 2 * t->room;
		t->bytes = realloc(t->bytes, t->room);
		if (t->bytes == NULL)
			abort();
	}
	return t->bytes + t->len;
}

/* A character may not be whole yet; then there are fewer than four bytes. */
static const char *
judge(struct import_text *t)
{
	uint32_t character;
	size_t	 len;

	while (t->sound < t->len && end_line(t)) {
		len = utf8_decode(t->bytes + t->sound, &character);
		if (len == 0 && t->len - t->sound < 4 && !t->ended)
			return NULL;
		if (len == 0)
			return refuse(t,
			    t->encoding == TEXT_UTF8 ?
				"is not UTF-8: save the file as UTF-8" :
				"is not UTF-16");
		if (character == 0)
			return refuse(t,
			    "has a NUL byte: save the file as UTF-8");
		t->sound_line += character == '\n';
		t->sound += len;
	}
	return NULL;
}

/* False: a CR, of which only the next character tells what it is. */
static bool
end_line(struct import_text *t)
{
	char *at = t->bytes + t->sound;

	if (*at != '\r' || at[1] == '\n')
		return true;
	if (t->sound + 1 == t->len && !t->ended)
		return false;
	*at = '\n';
	return true;
}

static const char *
refuse(struct import_text *t, const char *why)
{
	snprintf(t->fault, sizeof(t->fault), "Line %d of the file %s.",
	    t->sound_line, why);
	return t->fault;
}
