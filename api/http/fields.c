/*
 * Content-Disposition and Repr-Digest. Names come from people and go to other
 * people's disks: one that could be a path, or that shows another ending than
 * it has, is refused and not repaired.
 */
#include <ctype.h>
#include <openssl/evp.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "fields.h"
#include "hex.h"
#include "http_field.h"
#include "idempotency.h"
#include "uri.h"
#include "utf8.h"

#define BASE64_SHA256	44   /* characters, the last one a = */
#define DISPOSITION_MAX 6000 /* bytes: the longest name, in both its forms */

static const char malformed[] =
    "Write it as RFC 6266 says: attachment; filename*=UTF-8''name.txt";

static const char *skip_space(const char *);
static size_t	   token_length(const char *);
static const char *read_value(struct arena *, const char **, bool);
static const char *read_quoted(struct arena *, const char **);
static const char *check_name(const char *);
static bool	   turns_direction(uint32_t);
static bool	   read_base64(const char *, unsigned char *);

static const struct field fields[] = {
	{ "Content-Disposition", "filename", field_filename },
	{ "Repr-Digest", "sha256", field_sha256 },
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
	*fault = plain == NULL ? malformed : check_name(plain);
	return *fault == NULL ? plain : NULL;
}

/* A dictionary (RFC 8941) of byte sequences; the last sha-256 counts. */
const char *
field_sha256(struct arena *arena, const char *value, const char **fault)
{
	unsigned char bytes[FIELD_SHA256_BYTES];
	const char   *p = value, *name, *end;
	char	     *hex = NULL;
	size_t	      len;

	*fault = "Write it as RFC 9530 says: sha-256=:44 characters of base64:";
	for (;;) {
		name = skip_space(p);
		len = strcspn(name, "=,; \t");
		if (len == 0 || name[len] != '=' || name[len + 1] != ':')
			return NULL;
		p = name + len + 2;
		end = strchr(p, ':');
		if (end == NULL)
			return NULL;
		if (len == 7 && strncmp(name, "sha-256", 7) == 0) {
			if (end - p != BASE64_SHA256 || !read_base64(p, bytes))
				return NULL;
			hex = arena_alloc(arena, 2 * FIELD_SHA256_BYTES + 1);
			(void)hex_encode(hex, bytes, FIELD_SHA256_BYTES);
		}
		p = skip_space(end + 1);
		if (*p == '\0')
			break;
		if (*p++ != ',')
			return NULL;
	}
	*fault = NULL;
	return hex;
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

const char *
field_repr_digest(struct arena *arena, const void *sha256)
{
	unsigned char text[BASE64_SHA256 + 1];

	(void)EVP_EncodeBlock(text, sha256, FIELD_SHA256_BYTES);
	return arena_printf(arena, "sha-256=:%s:", (const char *)text);
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

/* What is wrong with a file's name, or NULL. */
static const char *
check_name(const char *name)
{
	static const char control[] =
	    "A file name is UTF-8 without control characters.";
	const char *p;
	uint32_t    c;
	size_t	    n;

	if (!uri_is_text(name))
		return control;
	for (p = name; *p != '\0'; p += n) {
		n = utf8_decode(p, &c);
		if (n == 0 || (c >= 0x80 && c <= 0x9f))
			return control;
		if (turns_direction(c))
			return "A file name has no character that turns the "
			       "direction of reading, such as U+202E: it "
			       "would show another ending than it has.";
	}
	if (name[strspn(name, " .")] == '\0')
		return "A file name is more than dots and spaces.";
	if (strpbrk(name, "/\\") != NULL)
		return "A file name holds no slash or backslash.";
	return utf8_length(name, strlen(name)) > FIELD_FILENAME_MAX ?
	    "A file name has 255 characters at most." :
	    NULL;
}

/* U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069 */
static bool
turns_direction(uint32_t c)
{
	return c == 0x200e || c == 0x200f || (c >= 0x202a && c <= 0x202e) ||
	    (c >= 0x2066 && c <= 0x2069);
}

/* 44 characters → 32 bytes; false outside the alphabet (RFC 4648 4). */
static bool
read_base64(const char *text, unsigned char *bytes)
{
	unsigned char padded[FIELD_SHA256_BYTES + 1];
	size_t	      i;

	for (i = 0; i < BASE64_SHA256 - 1; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '+' &&
		    text[i] != '/')
			return false;
	if (text[i] != '=' ||
	    EVP_DecodeBlock(padded, (const unsigned char *)text,
		BASE64_SHA256) != FIELD_SHA256_BYTES + 1)
		return false;
	memcpy(bytes, padded, FIELD_SHA256_BYTES);
	return true;
}
