/*
 * Forms (WHATWG URL standard, 5.1), without its tolerance: a serializer never
 * writes what is refused here, so whoever sends it means something else.
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "form.h"
#include "http_field.h"
#include "uri.h"
#include "utf8.h"

#define BOUNDARY_MAX  70 /* RFC 2046, 5.1.1 */
#define PART_HEAD_MAX 1024

static const char *add_field(struct arena *, json_t *, const char *, size_t);
static const char *add_part(struct arena *, json_t *, const char *, size_t);
static const char *add_text(struct arena *, json_t *, const char *,
    const char *, size_t);
static const char *with_line_ends(struct arena *, const char *, size_t *);
static const char *entered_text(struct arena *, const char *, size_t, bool *);
static size_t	   unescape(char *, const char *, size_t);
static const char *part_name(struct arena *, const char *, size_t);
static bool	   is_text(const char *, size_t);
static json_t	  *refuse(json_t *, char *, size_t, const char *, size_t);

json_t *
form_parse(struct arena *arena, const char *text, size_t len, char *err,
    size_t errlen)
{
	json_t	   *form = json_object();
	const char *pair = text, *amp, *fault;
	size_t	    i, n;

	for (i = 0; i < len; i++)
		if (text[i] <= 0x20 || text[i] >= 0x7f)
			return refuse(form, err, errlen,
			    "A form is printable ASCII without spaces", i);
	for (; len > 0 && pair != NULL; pair = amp == NULL ? NULL : amp + 1) {
		n = len - (size_t)(pair - text);
		amp = memchr(pair, '&', n);
		if (amp != NULL)
			n = (size_t)(amp - pair);
		fault = add_field(arena, form, pair, n);
		if (fault != NULL)
			return refuse(form, err, errlen, fault,
			    (size_t)(pair - text));
	}
	return form;
}

/* NULL, or what is wrong with the pair. */
static const char *
add_field(struct arena *arena, json_t *form, const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len), *name, *value;
	size_t	    n;

	if (equals == NULL)
		return "A field has no =";
	n = (size_t)(equals - pair);
	name = uri_decode(arena, pair, n, URI_FORM);
	value = uri_decode(arena, equals + 1, len - n - 1, URI_FORM);
	if (name == NULL || value == NULL)
		return "A field is not percent-encoded UTF-8 text";
	return add_text(arena, form, name, value, strlen(value));
}

/* NULL, or why the form cannot have that field. */
static const char *
add_text(struct arena *arena, json_t *form, const char *name, const char *value,
    size_t len)
{
	if (*name == '\0')
		return "A field has no name";
	if (json_object_get(form, name) != NULL)
		return "A field is given twice";
	if (json_object_size(form) == FORM_FIELDS_MAX)
		return "The form has too many fields";
	value = with_line_ends(arena, value, &len);
	if (json_object_set_new(form, name, json_stringn(value, len)) == -1)
		return "A field is not UTF-8 text";
	return NULL;
}

/*
 * As the browser has counted them before it sent them: a line ends with one
 * character. So it does where Word has put a VT or FF.
 */
static const char *
with_line_ends(struct arena *arena, const char *text, size_t *len)
{
	char  *out = arena_strndup(arena, text, *len);
	size_t i, n = 0;

	for (i = 0; i < *len; i++) {
		if (text[i] == '\r' && i + 1 < *len && text[i + 1] == '\n')
			continue;
		out[n++] =
		    text[i] == '\r' || text[i] == '\v' || text[i] == '\f' ?
		    '\n' :
		    text[i];
	}
	out[n] = '\0';
	*len = n;
	return out;
}

json_t *
form_entered(struct arena *arena, const char *text, size_t len,
    const char **wrong)
{
	json_t	   *form = json_object();
	const char *end = text + len, *pair = text, *equals, *name, *value;
	size_t	    n;
	bool	    whole, named;

	*wrong = NULL;
	for (; pair < end && json_object_size(form) < FORM_FIELDS_MAX;
	     pair += n + 1) {
		equals = memchr(pair, '&', (size_t)(end - pair));
		n = (size_t)((equals == NULL ? end : equals) - pair);
		equals = memchr(pair, '=', n);
		if (equals == NULL)
			continue;
		name =
		    entered_text(arena, pair, (size_t)(equals - pair), &named);
		value = entered_text(arena, equals + 1,
		    n - (size_t)(equals + 1 - pair), &whole);
		if (*wrong == NULL && (!whole || !named))
			*wrong = name;
		if (json_object_get(form, name) == NULL)
			(void)json_object_set_new(form, name,
			    json_string(value));
	}
	return form;
}

/* Decoded, with U+FFFD where it is no text: whether it is whole. */
static const char *
entered_text(struct arena *arena, const char *in, size_t len, bool *whole)
{
	char	*bytes = arena_alloc(arena, len + 1), *p = bytes, *end;
	char	*text, *out;
	uint32_t c;
	size_t	 n;

	end = bytes + unescape(bytes, in, len);
	*end = '\0';
	text = out = arena_alloc(arena, 3 * len + 1);
	for (*whole = true; p < end; p += n == 0 ? 1 : n) {
		n = utf8_decode(p, &c);
		if (n != 0 && is_text(p, n))
			out = mempcpy(out, p, n);
		else {
			*whole = false;
			out = stpcpy(out, "\xef\xbf\xbd");
		}
	}
	*out = '\0';
	n = (size_t)(out - text);
	return with_line_ends(arena, text, &n);
}

/* What is no escape stands for itself. */
static size_t
unescape(char *out, const char *in, size_t len)
{
	char  *p = out, hex[3] = "";
	size_t i;

	for (i = 0; i < len; i++) {
		if (in[i] == '%' && i + 2 < len &&
		    isxdigit((unsigned char)in[i + 1]) &&
		    isxdigit((unsigned char)in[i + 2])) {
			memcpy(hex, in + i + 1, 2);
			*p++ = (char)strtol(hex, NULL, 16);
			i += 2;
		} else
			*p++ = in[i] == '+' ? ' ' : in[i];
	}
	return (size_t)(p - out);
}

const char *
form_boundary(struct arena *arena, const char *content_type)
{
	struct http_parameter parameter;
	const char	     *p = content_type + strcspn(content_type, "; \t");
	char		      boundary[BOUNDARY_MAX + 1] = "";

	while (http_next_parameter(&p, &parameter) == 1) {
		if (!http_parameter_is(&parameter, "boundary"))
			continue;
		if (*boundary != '\0' ||
		    !http_parameter_value(&parameter, boundary,
			sizeof(boundary)))
			return NULL;
	}
	return *p != '\0' || *boundary == '\0' ? NULL :
						 arena_strdup(arena, boundary);
}

json_t *
form_parse_multipart(struct arena *arena, const char *boundary,
    const char *text, size_t len, char *err, size_t errlen)
{
	const char *line = arena_printf(arena, "\r\n--%s", boundary);
	const char *p = text, *end = text + len, *next, *fault;
	size_t	    n = strlen(line);
	json_t	   *form = json_object();

	if (len < n - 2 || memcmp(p, line + 2, n - 2) != 0)
		return refuse(form, err, errlen,
		    "The form does not begin with its boundary", 0);
	for (p += n - 2; end - p >= 2 && memcmp(p, "\r\n", 2) == 0;
	     p = next + n) {
		p += 2;
		next = memmem(p, (size_t)(end - p), line, n);
		fault = next == NULL ?
		    "A field has no end" :
		    add_part(arena, form, p, (size_t)(next - p));
		if (fault != NULL)
			return refuse(form, err, errlen, fault,
			    (size_t)(p - text));
	}
	if ((end - p == 2 && memcmp(p, "--", 2) == 0) ||
	    (end - p == 4 && memcmp(p, "--\r\n", 4) == 0))
		return form;
	return refuse(form, err, errlen,
	    "The form does not end with its "
	    "boundary",
	    (size_t)(p - text));
}

/* Header lines, an empty one, and the text. */
static const char *
add_part(struct arena *arena, json_t *form, const char *part, size_t len)
{
	const size_t head = len < PART_HEAD_MAX ? len : PART_HEAD_MAX;
	const char  *text = memmem(part, head, "\r\n\r\n", 4);
	const char  *name;

	if (text == NULL)
		return "A field has no header, or one over 1024 bytes";
	name = part_name(arena, part, (size_t)(text - part));
	if (name == NULL)
		return "A field is not form-data with a name and no file";
	text += 4;
	len -= (size_t)(text - part);
	return is_text(text, len) ? add_text(arena, form, name, text, len) :
				    "A field is not UTF-8 text";
}

/* NULL if there is none, or if the part is a file. */
static const char *
part_name(struct arena *arena, const char *header, size_t len)
{
	static const char start[] = "content-disposition: form-data; name=\"";
	const char	 *line = arena_strndup(arena, header, len), *p;

	if (!is_text(header, len))
		return NULL;
	while (strncasecmp(line, start, sizeof(start) - 1) != 0) {
		if ((line = strstr(line, "\r\n")) == NULL)
			return NULL;
		line += 2;
	}
	line += sizeof(start) - 1;
	p = line + strcspn(line, "\"\\\r\n");
	if (*p != '"' || (p[1] != '\0' && p[1] != '\r'))
		return NULL;
	return arena_strndup(arena, line, (size_t)(p - line));
}

/* No control characters but tabs and line ends, VT and FF among these; jansson
   looks at UTF-8. */
static bool
is_text(const char *p, size_t len)
{
	for (; len > 0; p++, len--)
		if (((unsigned char)*p < 0x20 &&
			(*p == '\0' || strchr("\t\n\v\f\r", *p) == NULL)) ||
		    *p == 0x7f)
			return false;
	return true;
}

static json_t *
refuse(json_t *form, char *err, size_t errlen, const char *sentence, size_t at)
{
	json_decref(form);
	snprintf(err, errlen, "%s (byte %zu).", sentence, at);
	return NULL;
}
