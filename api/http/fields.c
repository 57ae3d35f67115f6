/*
 * The fields that an operation may take, and Content-Disposition in detail.
 */
#include <string.h>
#include <strings.h>

#include "digest.h"
#include "fields.h"
#include "filename.h"
#include "http_field.h"
#include "idempotency.h"
#include "uri.h"
#include "utf8.h"

/* bytes: far more than a name in both its forms, so that one that is too long
   is told so */
#define DISPOSITION_MAX 6000

static const char malformed[] =
    "Write it as RFC 6266 says, in UTF-8 without control characters: "
    "attachment; filename*=UTF-8''name.txt";

static const char *skip_space(const char *);
static size_t	   token_length(const char *);
static const char *read_value(struct arena *, const char **, bool);
static const char *read_quoted(struct arena *, const char **);

static const struct field fields[] = {
	{ "Content-Disposition", "filename", field_filename },
	{ "Repr-Digest", "repr_digest", digest_read },
	{ "Content-Digest", "content_digest", digest_read },
	{ "Idempotency-Key", "idempotency_key", idempotency_key },
};

const struct field *
field_find(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		if (strcasecmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* disposition-type *( ";" name "=" value ); no parameter twice */
const char *
field_filename(struct arena *arena, const char *value, const char **fault)
{
	const char *p, *name, *text, *plain = NULL, *extended = NULL;
	size_t	    len;
	bool	    is_extended;

	*fault = "Content-Disposition is longer than 6000 bytes.";
	if (strlen(value) > DISPOSITION_MAX)
		return NULL;
	*fault = malformed;
	len = token_length(value);
	p = skip_space(value + len);
	while (len > 0 && *p == ';') {
		name = skip_space(p + 1);
		len = token_length(name);
		p = skip_space(name + len);
		if (len == 0 || *p++ != '=')
			return NULL;
		is_extended = name[len - 1] == '*';
		p = skip_space(p);
		text = read_value(arena, &p, is_extended);
		if (text == NULL)
			return NULL;
		p = skip_space(p);
		if (len == 8 && strncasecmp(name, "filename", 8) == 0) {
			if (plain != NULL)
				return NULL;
			plain = text;
		} else if (len == 9 && strncasecmp(name, "filename*", 9) == 0) {
			if (extended != NULL)
				return NULL;
			extended = text;
		}
	}
	if (len == 0 || *p != '\0')
		return NULL;
	if (extended != NULL)
		plain = extended;
	*fault = plain == NULL ? malformed : filename_fault(plain);
	return *fault == NULL ? plain : NULL;
}

/* filename for readers of old: what is not plain becomes an underscore. */
const char *
field_disposition(struct arena *arena, const char *filename)
{
	char *plain = arena_strdup(arena, filename), *in, *out;

	for (in = out = plain; *in != '\0'; in++) {
		if (utf8_continues(*in))
			continue; /* inside a character */
		*out++ =
		    *in < 0x20 || *in > 0x7e || strchr("\"\\%", *in) != NULL ?
		    '_' :
		    *in;
	}
	*out = '\0';
	return arena_printf(arena,
	    "attachment; filename=\"%s\"; filename*=UTF-8''%s", plain,
	    uri_encode(arena, filename));
}

static const char *
skip_space(const char *p)
{
	return p + strspn(p, " \t");
}

static size_t
token_length(const char *p)
{
	size_t n = 0;

	while (http_is_tchar(p[n]))
		n++;
	return n;
}

/* A token, a quoted string or, extended, UTF-8'language'percent-encoded. */
static const char *
read_value(struct arena *arena, const char **p, bool extended)
{
	const char *text;
	size_t	    len;

	if (**p == '"')
		return extended ? NULL : read_quoted(arena, p);
	len = token_length(*p);
	if (len == 0)
		return NULL;
	text = arena_strndup(arena, *p, len);
	*p += len;
	if (!extended)
		return text;
	if (strncasecmp(text, "UTF-8'", 6) != 0 ||
	    (text = strchr(text + 6, '\'')) == NULL)
		return NULL;
	return uri_decode(arena, text + 1, strlen(text + 1), URI_PATH);
}

static const char *
read_quoted(struct arena *arena, const char **p)
{
	const char *in = *p + 1;
	char	   *text, *out;
	size_t	    len = 0;

	/* Not room for all that follows: there may be many. */
	for (; in[len] != '"'; len++) {
		len += in[len] == '\\';
		if (in[len] == '\0')
			return NULL;
	}
	*p = in + len + 1;
	text = out = arena_alloc(arena, len + 1);
	for (; len > 0; in++, len--) {
		if (*in == '\\') {
			in++;
			len--;
		}
		*out++ = *in;
	}
	return text;
}
