/*
 * Strict JSON in (RFC 8259). jansson does the parsing; the limits it leaves
 * open are checked before. Its own error texts quote the body, which may hold
 * personal data, so the sentences are ours and only the place is jansson's.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "json.h"

#define WHOLE_MAX 9007199254740992.0

/* What must be escaped in a string. */
static const char special[] =
    "\"\\\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26"
    "\27\30\31\32\33\34\35\36\37";

static const struct {
	enum json_error_code code;
	const char	    *sentence;
} sentences[] = {
	{ json_error_invalid_utf8, "The text is not valid UTF-8" },
	{ json_error_premature_end_of_input, "The text ends too early" },
	{ json_error_end_of_input_expected,
	    "There is more text after the value" },
	{ json_error_null_character, "The character U+0000 is not allowed" },
	{ json_error_null_byte_in_key, "The character U+0000 is not allowed" },
	{ json_error_duplicate_key, "An object has the same member twice" },
	{ json_error_numeric_overflow, "A number is out of range" },
	{ json_error_stack_overflow, "The value is nested too deeply" },
	{ json_error_out_of_memory, "The value is too large" },
};

static json_t *as_integer(const json_t *);
static size_t  beyond(const char *, size_t, bool *);
static json_t *refuse(char *, size_t, const char *, ...)
    __attribute__((format(printf, 3, 4)));

json_t *
json_parse_strict(const char *text, size_t len, char *err, size_t errlen)
{
	const char  *nul, *sentence = "The text is not valid JSON";
	json_error_t error;
	json_t	    *value;
	size_t	     i, at;
	bool	     deep;

	if (len == 0)
		return refuse(err, errlen, "The text is empty.");
	if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		return refuse(err, errlen,
		    "The text starts with a byte order mark.");
	if ((nul = memchr(text, '\0', len)) != NULL)
		return refuse(err, errlen,
		    "There is a NUL byte in the text at byte %td.", nul - text);
	if ((at = beyond(text, len, &deep)) != len)
		return refuse(err, errlen,
		    deep ? "The value is nested more than "
			   "%d levels deep at byte %zu." :
			   "There are more than %d values at byte %zu.",
		    deep ? JSON_DEPTH_MAX : JSON_VALUES_MAX, at);

	value = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY,
	    &error);
	if (value != NULL)
		return value;
	for (i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
		if (sentences[i].code == json_error_code(&error))
			sentence = sentences[i].sentence;
	}
	/* The one fault of syntax that a serializer makes of bad text. */
	if (strncmp(error.text, "invalid Unicode '", 17) == 0)
		sentence = "A \\u escape is one half of a surrogate pair";
	return refuse(err, errlen, "%s at line %d, column %d (byte %d).",
	    sentence, error.line, error.column, error.position);
}

bool
json_make_integers(json_t *value)
{
	const char *name;
	json_t	   *item, *whole;
	size_t	    i;
	bool	    found = false;

	json_array_foreach (value, i, item) {
		whole = as_integer(item);
		found |= whole != NULL || json_make_integers(item);
		if (whole != NULL)
			(void)json_array_set_new(value, i, whole);
	}
	json_object_foreach (value, name, item) {
		whole = as_integer(item);
		found |= whole != NULL || json_make_integers(item);
		if (whole != NULL)
			(void)json_object_set_new(value, name, whole);
	}
	return found;
}

/* NULL if it is no such number; beyond WHOLE_MAX two of them could be one. */
static json_t *
as_integer(const json_t *value)
{
	double x = json_real_value(value);

	if (!json_is_real(value) || x < -WHOLE_MAX || x > WHOLE_MAX ||
	    x != (double)(json_int_t)x)
		return NULL;
	return json_integer((json_int_t)x);
}

/*
 * The offset of what is one level too deep or one value too many, or len.
 * jansson's own limit is 2048 levels, each a stack frame; of values it has
 * none, and each is an allocation. Text that is not JSON may be counted
 * wrongly, but jansson refuses it anyway.
 */
static size_t
beyond(const char *text, size_t len, bool *deep)
{
	size_t i, values = 1;
	int    depth = 0;
	bool   quoted = false;

	for (i = 0; i < len; i++) {
		if (quoted) {
			if (text[i] == '\\')
				i++;
			else if (text[i] == '"')
				quoted = false;
			continue;
		}
		quoted = text[i] == '"';
		*deep = text[i] == '[' || text[i] == '{';
		if (*deep && ++depth > JSON_DEPTH_MAX)
			return i;
		if (text[i] == ']' || text[i] == '}')
			depth--;
		/* Each value but the first follows one of these. */
		if ((*deep || text[i] == ',') && ++values > JSON_VALUES_MAX) {
			*deep = false;
			return i;
		}
	}
	return len;
}

static json_t *
refuse(char *err, size_t errlen, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(err, errlen, format, args);
	va_end(args);
	return NULL;
}

const char *
json_quote(struct arena *arena, const char *text)
{
	static const char hex[] = "0123456789abcdef";
	const char	 *at;
	char		 *out, *p;
	size_t		  size = sizeof("\"\""), plain;

	for (at = text; at[plain = strcspn(at, special)] != '\0';
	     at += plain + 1)
		size += sizeof("\\u00ff") - 1;
	p = out = arena_alloc(arena, size + strlen(text));
	*p++ = '"';
	for (;; text += plain + 1) {
		plain = strcspn(text, special);
		p = mempcpy(p, text, plain);
		if (text[plain] == '\0')
			break;
		*p++ = '\\';
		if ((unsigned char)text[plain] < 0x20) {
			p = stpcpy(p, "u00");
			*p++ = hex[text[plain] >> 4 & 15];
			*p++ = hex[text[plain] & 15];
		} else
			*p++ = text[plain];
	}
	strcpy(p, "\"");
	return out;
}
