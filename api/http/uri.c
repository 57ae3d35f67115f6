/*
 * Percent-decoding. A decoded slash stays inside its segment, a decoded NUL or
 * control character is refused (a form may hold lines), and so is what is not
 * UTF-8 (PostgreSQL would refuse it later, with a worse message).
 */
#include <ctype.h>
#include <stdint.h>
#include <string.h>

#include "uri.h"
#include "utf8.h"

static const char *encode(struct arena *, const char *, size_t, const char *);
static bool	   is_text(const char *, bool);

bool
uri_split_path(struct arena *arena, const char *path, const char **segments,
    size_t max, size_t *count)
{
	size_t len;

	*count = 0;
	while (*path == '/') {
		len = strcspn(++path, "/");
		if (*count == max)
			return false;
		segments[*count] = uri_decode(arena, path, len, URI_PATH);
		if (segments[(*count)++] == NULL)
			return false;
		path += len;
	}
	return *path == '\0';
}

bool
uri_next_pair(const char **query, struct uri_pair *pair)
{
	size_t len;

	while (**query == '&')
		(*query)++;
	if (**query == '\0')
		return false;
	pair->name = *query;
	len = strcspn(pair->name, "&");
	pair->name_len = strcspn(pair->name, "=&");
	*query = pair->name + len;
	pair->value = pair->name + pair->name_len;
	pair->value += pair->value < *query;
	pair->value_len = (size_t)(*query - pair->value);
	return true;
}

size_t
uri_count_pairs(const char *query)
{
	size_t count = 0;
	char   before = '&';

	for (; *query != '\0'; before = *query++)
		count += before == '&' && *query != '&';
	return count;
}

const char *
uri_encode(struct arena *arena, const char *text)
{
	return encode(arena, text, strlen(text), "-._~");
}

const char *
uri_encode_sent(struct arena *arena, const char *text, size_t len)
{
	return encode(arena, text, len, "-._~%+,");
}

static const char *
encode(struct arena *arena, const char *text, size_t len, const char *kept)
{
	static const char hex[] = "0123456789ABCDEF";
	char		 *out, *p;

	p = out = arena_alloc(arena, len * 3 + 1);
	for (; len > 0; text++, len--) {
		unsigned char c = (unsigned char)*text;

		if (isalnum(c) || strchr(kept, c) != NULL)
			*p++ = (char)c;
		else {
			*p++ = '%';
			*p++ = hex[c >> 4];
			*p++ = hex[c & 15];
		}
	}
	*p = '\0';
	return out;
}

const char *
uri_decode(struct arena *arena, const char *in, size_t len, enum uri_place at)
{
	char  *out = arena_alloc(arena, len + 1), *p = out;
	char   hex[3] = "";
	size_t i;

	if (memchr(in, '%', len) == NULL &&
	    (at == URI_PATH || memchr(in, '+', len) == NULL)) {
		memcpy(out, in, len);
		return is_text(out, at == URI_FORM) ? out : NULL;
	}
	for (i = 0; i < len; i++) {
		if (in[i] == '%') {
			if (i + 2 >= len ||
			    !isxdigit((unsigned char)in[i + 1]) ||
			    !isxdigit((unsigned char)in[i + 2]))
				return NULL;
			hex[0] = (char)tolower((unsigned char)in[i + 1]);
			hex[1] = (char)tolower((unsigned char)in[i + 2]);
			*p = (char)((isdigit((unsigned char)hex[0]) ?
					    hex[0] - '0' :
					    hex[0] - 'a' + 10)
				<< 4 |
			    (isdigit((unsigned char)hex[1]) ?
				    hex[1] - '0' :
				    hex[1] - 'a' + 10));
			if (*p++ == '\0')
				return NULL;
			i += 2;
		} else
			*p++ = at != URI_PATH && in[i] == '+' ? ' ' : in[i];
	}
	*p = '\0';
	return is_text(out, at == URI_FORM) ? out : NULL;
}

bool
uri_is_text(const char *text)
{
	return is_text(text, false);
}

/*
 * UTF-8 without control characters; lines and tabs where several lines are
 * text.
 */
static bool
is_text(const char *p, bool lines)
{
	uint32_t c;
	size_t	 n;

	for (;; p += n) {
		while ((unsigned char)(*p - 0x20) < 0x7f - 0x20)
			p++; /* ASCII, as most text is */
		if (*p == '\0')
			return true;
		n = utf8_decode(p, &c);
		if (n == 0)
			return false;
		if ((c < 0x20 || c == 0x7f) &&
		    !(lines && strchr("\t\n\v\f\r", (int)c) != NULL))
			return false;
	}
}
