/*
 * Looking at a compiled schema.
 */
#include <string.h>

#include "schema_internal.h"

size_t
schema_property_index(const struct schema *s, const char *name)
{
	size_t i;

	for (i = 0; i < s->nproperties; i++) {
		if (strcmp(s->properties[i].name, name) == 0)
			break;
	}
	return i;
}

json_t *
schema_iterable(const json_t *value)
{
	return (json_t *)(uintptr_t)value;
}

size_t
schema_max_length(const struct schema *s)
{
	while (s->ref != NULL && s->max_length == SIZE_MAX)
		s = s->ref;
	return s->max_length;
}
