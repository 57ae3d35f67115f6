/*
 * Strict JSON in (RFC 8259), into values of jansson. It is read here and not by
 * jansson, whose reader copies byte by byte at some 160 instructions each: a
 * body would cost what dozens of small ones do. Here each byte is looked at
 * once or twice, what there may be is limited while it is read, and sentences
 * say what is wrong where, but never quote the text, which may hold personal
 * data.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_reader.h"
#include "utf8.h"

#define SAY(number)  SAY_(number)
#define SAY_(number) #number

static json_t *parse(const char *, size_t, size_t, bool *, char *, size_t);
static json_t *read_value(struct json_reader *);
static json_t *read_array(struct json_reader *);
static json_t *read_object(struct json_reader *);
static json_t *read_number(struct json_reader *);
static json_t *read_word(struct json_reader *);
static json_t *read_string(struct json_reader *);
static bool    read_member(struct json_reader *, json_t *);
static void    skip_space(struct json_reader *);
static bool    next_is(struct json_reader *, char);
static size_t  digits(struct json_reader *);
static void    tell(const struct json_reader *, const char *, char *, size_t);

json_t *
json_parse_strict(const char *text, size_t len, char *err, size_t errlen)
{
	bool respelled;

	return parse(text, len, SIZE_MAX, &respelled, err, errlen);
}

json_t *
json_parse_body(const char *text, size_t len, bool *respelled, char *err,
    size_t errlen)
{
	return parse(text, len, JSON_VALUES_MAX, respelled, err, errlen);
}

static json_t *
parse(const char *text, size_t len, size_t values_max, bool *respelled,
    char *err, size_t errlen)
{
	struct json_reader r = {
		.p = text, .end = text + len, .values_max = values_max
	};
	json_t	   *value = NULL;
	const char *nul;

	if (len == 0)
		r.fault = "The text is empty";
	else if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		r.fault = "The text starts with a byte order mark";
	else if ((nul = memchr(text, '\0', len)) != NULL) {
		r.by_byte = true;
		(void)json_refuse(&r, "There is a NUL byte in the text", nul);
	} else {
		value = read_value(&r);
		skip_space(&r);
		if (value != NULL && r.p != r.end) {
			json_decref(value);
			value = json_refuse(&r,
			    "There is more text after the value", r.p);
		}
	}
	if (value == NULL)
		tell(&r, text, err, errlen);
	*respelled = r.respelled;
	return value;
}

static json_t *
read_value(struct json_reader *r)
{
	json_t *value;

	skip_space(r);
	if (r->values++ == r->values_max) {
		r->by_byte = true;
		return json_refuse(r,
		    "There are more than " SAY(JSON_VALUES_MAX) " values",
		    r->p);
	}
	if (r->p == r->end)
		return json_refuse(r, NULL, r->p);
	switch (*r->p) {
	case '"':
		return read_string(r);
	case '[':
	case '{':
		if (r->depth == JSON_DEPTH_MAX) {
			r->by_byte = true;
			return json_refuse(r,
			    "The value is nested more than " SAY(
				JSON_DEPTH_MAX) " levels deep",
			    r->p);
		}
		r->depth++;
		value = *r->p++ == '[' ? read_array(r) : read_object(r);
		r->depth--;
		return value;
	case 't':
	case 'f':
	case 'n':
		return read_word(r);
	default:
		return read_number(r);
	}
}

static json_t *
read_array(struct json_reader *r)
{
	json_t *array = json_array(), *item;

	if (next_is(r, ']'))
		return array;
	do {
		item = read_value(r);
		if (item == NULL)
			goto fail;
		if (json_array_append_new(array, item) == -1)
			abort();
	} while (next_is(r, ','));
	if (next_is(r, ']'))
		return array;
	(void)json_refuse(r, NULL, r->p);
fail:
	json_decref(array);
	return NULL;
}

static json_t *
read_object(struct json_reader *r)
{
	json_t *object = json_object();

	if (next_is(r, '}'))
		return object;
	do {
		if (!read_member(r, object))
			goto fail;
	} while (next_is(r, ','));
	if (next_is(r, '}'))
		return object;
	(void)json_refuse(r, NULL, r->p);
fail:
	json_decref(object);
	return NULL;
}

static bool
read_member(struct json_reader *r, json_t *object)
{
	const char *start, *name;
	char	   *copy = NULL;
	json_t	   *value = NULL;
	size_t	    len, count = json_object_size(object);

	skip_space(r);
	start = r->p;
	if (r->p == r->end || *r->p != '"')
		return json_refuse(r, NULL, r->p) != NULL;
	if (!json_read_text(r, &name, &len, &copy))
		return false;
	if (!next_is(r, ':'))
		(void)json_refuse(r, NULL, r->p);
	else
		value = read_value(r);
	if (value != NULL &&
	    json_object_setn_new_nocheck(object, name, len, value) == -1)
		abort();
	free(copy);
	if (value != NULL && json_object_size(object) == count)
		return json_refuse(r, "An object has the same member twice",
			   start) != NULL;
	return value != NULL;
}

static json_t *
read_string(struct json_reader *r)
{
	const char *text;
	char	   *copy = NULL;
	json_t	   *value;
	size_t	    len;

	if (!json_read_text(r, &text, &len, &copy))
		return NULL;
	value = json_stringn_nocheck(text, len);
	free(copy);
	return value;
}

/* number = [ "-" ] int [ frac ] [ exp ] */
static json_t *
read_number(struct json_reader *r)
{
	const char *start = r->p;
	char	    text[JSON_NUMBER_MAX + 1];
	bool	    real = false, zero;
	json_int_t  integer;
	double	    x;
	size_t	    len;

	r->p += *r->p == '-';
	zero = r->p < r->end && *r->p == '0';
	len = digits(r);
	if (len == 0 || (zero && len > 1))
		return json_refuse(r, NULL,
		    len == 0 && r->p == r->end ? r->p : start);
	if (r->p < r->end && *r->p == '.') {
		real = true;
		r->p++;
		if (digits(r) == 0)
			return json_refuse(r, NULL, r->p);
	}
	if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
		real = true;
		r->p++;
		r->p += r->p < r->end && (*r->p == '+' || *r->p == '-');
		if (digits(r) == 0)
			return json_refuse(r, NULL, r->p);
	}
	len = (size_t)(r->p - start);
	if (len > JSON_NUMBER_MAX)
		return json_refuse(r, "A number has more than 128 characters",
		    start);
	memcpy(text, start, len);
	text[len] = '\0';
	if (json_whole(text, &integer)) {
		r->respelled |= real;
		return json_integer(integer);
	}
	x = strtod(text, NULL);
	if (x == 0) /* too small for a double, and still not zero */
		x = copysign(DBL_TRUE_MIN, x);
	return real && isfinite(x) ?
	    json_real(x) :
	    json_refuse(r, "A number is out of range", start);
}

static size_t
digits(struct json_reader *r)
{
	const char *start = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - start);
}

static json_t *
read_word(struct json_reader *r)
{
	const size_t left = (size_t)(r->end - r->p);

	if (left >= 4 && memcmp(r->p, "true", 4) == 0) {
		r->p += 4;
		return json_true();
	}
	if (left >= 5 && memcmp(r->p, "false", 5) == 0) {
		r->p += 5;
		return json_false();
	}
	if (left >= 4 && memcmp(r->p, "null", 4) == 0) {
		r->p += 4;
		return json_null();
	}
	return json_refuse(r, "The text is not valid JSON", r->p);
}

static void
skip_space(struct json_reader *r)
{
	while (r->p < r->end &&
	    (*r->p == ' ' || *r->p == '\n' || *r->p == '\r' || *r->p == '\t'))
		r->p++;
}

/* Takes that character, if it is next. */
static bool
next_is(struct json_reader *r, char c)
{
	skip_space(r);
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

void *
json_refuse(struct json_reader *r, const char *sentence, const char *at)
{
	if (r->fault != NULL)
		return NULL;
	r->at = at;
	r->fault = sentence != NULL ? sentence :
	    at == r->end	    ? "The text ends too early" :
				      "The text is not valid JSON";
	return NULL;
}

static void
tell(const struct json_reader *r, const char *text, char *err, size_t errlen)
{
	const char *line = text, *p;
	int	    lines = 1;

	if (r->at == NULL) {
		snprintf(err, errlen, "%s.", r->fault);
		return;
	}
	if (r->by_byte) {
		snprintf(err, errlen, "%s at byte %td.", r->fault,
		    r->at - text);
		return;
	}
	for (p = text; p < r->at; p++)
		if (*p == '\n') {
			lines++;
			line = p + 1;
		}
	snprintf(err, errlen, "%s at line %d, column %zu (byte %td).", r->fault,
	    lines, utf8_length(line, (size_t)(r->at - line)) + 1, r->at - text);
}
