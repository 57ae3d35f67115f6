/*
 * Forms (WHATWG URL standard, 5.1), without its tolerance: a serializer never
 * writes what is refused here, so whoever sends it means something else.
 */
#include "form.h"

#include <stdio.h>
#include <string.h>

#include "uri.h"

static const char *add_field(struct arena *, json_t *, const char *, size_t);
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
			return (refuse(form, err, errlen,
			    "A form is printable ASCII without spaces", i));
	for (amp = text; len > 0 && amp != NULL; pair = amp + 1) {
		n = len - (size_t)(pair - text);
		amp = memchr(pair, '&', n);
		if (amp != NULL)
			n = (size_t)(amp - pair);
		fault = add_field(arena, form, pair, n);
		if (fault != NULL)
			return (refuse(form, err, errlen, fault,
			    (size_t)(pair - text)));
	}
	return (form);
}

/* NULL, or what is wrong with the pair. */
static const char *
add_field(struct arena *arena, json_t *form, const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len), *name, *value;
	size_t	    n;

	if (equals == NULL)
		return ("A field has no =");
	n = (size_t)(equals - pair);
	name = uri_decode(arena, pair, n, URI_FORM);
	value = uri_decode(arena, equals + 1, len - n - 1, URI_FORM);
	if (name == NULL || value == NULL)
		return ("A field is not percent-encoded UTF-8 text");
	if (*name == '\0')
		return ("A field has no name");
	if (json_object_get(form, name) != NULL)
		return ("A field is given twice");
	if (json_object_size(form) == FORM_FIELDS_MAX)
		return ("The form has too many fields");
	if (json_object_set_new(form, name, json_string(value)) == -1)
		return ("A field is not text");
	return (NULL);
}

static json_t *
refuse(json_t *form, char *err, size_t errlen, const char *sentence, size_t at)
{
	json_decref(form);
	snprintf(err, errlen, "%s (byte %zu).", sentence, at);
	return (NULL);
}
