/*
 * Fuzzes HTML forms: whatever is accepted is an object of UTF-8 strings that
 * encodes back to a form which means the same.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "form.h"
#include "uri.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	json_t	     *form, *again, *value;
	const char   *name, *text = "";
	char	      err[200], *dump;

	form = form_parse(arena, (const char *)data, size, err, sizeof(err));
	assert(form != NULL || strchr(err, '(') != NULL);
	if (form != NULL && size < 4096) {
		json_object_foreach (form, name, value)
			text = arena_printf(arena, "%s%s%s=%s", text,
			    *text == '\0' ? "" : "&", uri_encode(arena, name),
			    uri_encode(arena, json_string_value(value)));
		again = form_parse(arena, text, strlen(text), err, sizeof(err));
		assert(again != NULL && json_equal(form, again));
		json_decref(again);
	}
	json_decref(form);
	/* Whatever it is, a page can show it. */
	form = form_entered(arena, (const char *)data, size, &name);
	assert(json_object_size(form) <= FORM_FIELDS_MAX);
	dump = json_dumps(form, 0);
	assert(dump != NULL);
	free(dump);
	json_decref(form);
	json_decref(form_parse_multipart(arena, "b", (const char *)data, size,
	    err, sizeof(err)));
	(void)form_boundary(arena,
	    arena_strndup(arena, (const char *)data, size));
	arena_free(arena);
	return 0;
}
