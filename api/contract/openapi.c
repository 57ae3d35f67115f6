/*
 * References and unknown keys of the document.
 */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "json_pointer.h"
#include "openapi.h"

const json_t *
openapi_resolve(const json_t *document, const json_t *node)
{
	const char *ref = json_string_value(json_object_get(node, "$ref"));

	return ref == NULL ? node : openapi_at(document, ref);
}

const json_t *
openapi_at(const json_t *document, const char *pointer)
{
	if (pointer == NULL || *pointer != '#')
		return NULL;
	return json_pointer_get(document, pointer + 1);
}

const char *
openapi_unknown_key(const json_t *node, const char *const *known)
{
	const char *key;
	json_t	   *value;
	size_t	    i;

	json_object_foreach ((json_t *)(uintptr_t)node, key, value) {
		for (i = 0; known[i] != NULL; i++)
			if (strcmp(known[i], key) == 0)
				break;
		if (known[i] == NULL)
			return key;
	}
	return NULL;
}

int
openapi_fault(char *err, size_t errlen, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err, errlen, fmt, ap);
	va_end(ap);
	return -1;
}
