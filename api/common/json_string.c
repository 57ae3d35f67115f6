/*
 * The strings of a JSON text.
 */
#include <stdlib.h>
#include <string.h>

#include "json_reader.h"
#include "utf8.h"

static size_t rest(const struct json_reader *);
static size_t plain(const struct json_reader *);
static size_t character(struct json_reader *);
static char  *escape(struct json_reader *, char *);
static bool   unit(struct json_reader *, uint32_t *);

bool
json_read_text(struct json_reader *r, const char **text, size_t *len,
    char **copy)
{
	const char *start = ++r->p;
	char	   *out = NULL;
	size_t	    n;

	*copy = NULL;
	while (r->p < r->end && *r->p != '"') {
		if (*r->p == '\\') {
			if (out == NULL) {
				*copy = malloc(rest(r) +
				    (size_t)(r->p - start) + 1);
				if (*copy == NULL)
					abort();
				out = mempcpy(*copy, start,
				    (size_t)(r->p - start));
			}
			out = escape(r, out);
			if (out == NULL)
				goto fail;
			continue;
		}
		n = plain(r);
		if (n == 0)
			n = character(r);
		if (n == 0)
			goto fail;
		if (out != NULL)
			out = mempcpy(out, r->p, n);
		r->p += n;
	}
	if (r->p == r->end) {
		(void)json_refuse(r, NULL, r->p);
		goto fail;
	}
	*text = out != NULL ? *copy : start;
	*len = (size_t)((out != NULL ? out : r->p) - *text);
	r->p++;
	return true;
fail:
	free(*copy);
	*copy = NULL;
	return false;
}

/*
 * How many bytes there are up to the quote that ends the string: a copy is as
 * large as that, not as the text, of which there may be many strings.
 */
static size_t
rest(const struct json_reader *r)
{
	const char *p = r->p;

	while (p < r->end && *p != '"')
		p += *p == '\\' && r->end - p > 1 ? 2 : 1;
	return (size_t)(p - r->p);
}

/* How many characters follow that stand for themselves and are ASCII. */
static size_t
plain(const struct json_reader *r)
{
	const char *p = r->p;

	while (p < r->end && (unsigned char)(*p - 0x20) < 0x80 - 0x20 &&
	    *p != '"' && *p != '\\')
		p++;
	return (size_t)(p - r->p);
}

/* The length of the character that is next, 0 if it may not stand there. */
static size_t
character(struct json_reader *r)
{
	char	 last[4] = "";
	size_t	 left = (size_t)(r->end - r->p), n;
	uint32_t c;

	if ((unsigned char)*r->p < 0x20)
		(void)json_refuse(r, "The text is not valid JSON", r->p);
	if ((unsigned char)*r->p < 0x80)
		return (unsigned char)*r->p >= 0x20;
	/* utf8_decode() needs an end that continues nothing. */
	if (left < sizeof(last))
		memcpy(last, r->p, left);
	n = utf8_decode(left < sizeof(last) ? last : r->p, &c);
	if (n == 0)
		(void)json_refuse(r, "The text is not valid UTF-8", r->p);
	return n;
}

/* What the escape means goes to out; NULL after a fault. */
static char *
escape(struct json_reader *r, char *out)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char	 *start = r->p++, *which;
	uint32_t	  c, low;

	if (r->p == r->end)
		return json_refuse(r, NULL, r->p);
	if (*r->p != 'u') {
		which = strchr(from, *r->p++);
		if (which == NULL)
			return json_refuse(r, NULL, start);
		*out++ = to[which - from];
		return out;
	}
	if (!unit(r, &c))
		return json_refuse(r, NULL, start);
	if (c == 0)
		return json_refuse(r, "The character U+0000 is not allowed",
		    start);
	if (c >= 0xd800 && c <= 0xdfff) {
		if (c >= 0xdc00 || r->end - r->p < 2 ||
		    memcmp(r->p, "\\u", 2) != 0 || (r->p++, !unit(r, &low)) ||
		    low < 0xdc00 || low > 0xdfff)
			return json_refuse(r,
			    "A \\u escape is one half of a surrogate pair",
			    start);
		c = 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
	}
	return out + utf8_encode(out, c);
}

/* Four hexadecimal digits behind a u. */
static bool
unit(struct json_reader *r, uint32_t *c)
{
	int i, digit;

	*c = 0;
	if (r->end - ++r->p < 4)
		return false;
	for (i = 0; i < 4; i++) {
		digit = (unsigned char)*r->p++;
		if (digit >= '0' && digit <= '9')
			digit -= '0';
		else if ((digit | 0x20) >= 'a' && (digit | 0x20) <= 'f')
			digit = (digit | 0x20) - 'a' + 10;
		else
			return false;
		*c = *c << 4 | (uint32_t)digit;
	}
	return true;
}
