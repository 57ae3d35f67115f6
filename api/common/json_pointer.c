/*
 * One step of a pointer after the other; in each, ~1 is a slash and ~0 a tilde.
 */
#include <stdlib.h>
#include <string.h>

#include "json_pointer.h"

static const json_t *member(const json_t *, const char *, size_t);
static const json_t *item(const json_t *, const char *, size_t);

const json_t *
json_pointer_get(const json_t *value, const char *pointer)
{
	size_t len;

	while (value != NULL && *pointer != '\0') {
		if (*pointer++ != '/')
			return NULL;
		len = strcspn(pointer, "/");
		value = json_is_array(value) ? item(value, pointer, len) :
					       member(value, pointer, len);
		pointer += len;
	}
	return value;
}

static const json_t *
member(const json_t *object, const char *step, size_t len)
{
	char	     *name = strndup(step, len), *in, *out;
	const json_t *value;

	if (name == NULL)
		abort();
	for (in = out = name; *in != '\0'; in++) {
		if (in[0] == '~' && (in[1] == '0' || in[1] == '1'))
			*out++ = *++in == '0' ? '~' : '/';
		else
			*out++ = *in;
	}
	*out = '\0';
	value = json_object_get(object, name);
	free(name);
	return value;
}

/* Digits only, and no zero before them. */
static const json_t *
item(const json_t *array, const char *step, size_t len)
{
	size_t i, index = 0;

	if (len == 0 || len > 9 || (len > 1 && *step == '0'))
		return NULL;
	for (i = 0; i < len; i++) {
		if (step[i] < '0' || step[i] > '9')
			return NULL;
		index = 10 * index + (size_t)(step[i] - '0');
	}
	return json_array_get(array, index);
}

char *
json_pointer_add(char *out, const char *name, size_t len)
{
	for (; len > 0; len--, name++) {
		if (*name == '~' || *name == '/') {
			*out++ = '~';
			*out++ = *name == '~' ? '0' : '1';
		} else {
			*out++ = *name;
		}
	}
	return out;
}
