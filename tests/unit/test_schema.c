/*
 * Unit test of schema*.c, driven by tests/data/schema_cases.json (or the
 * file given), read as documents and requests are. Each case is a document of
 * its own: its schema stands at #/schema, and what that refers to in
 * #/components.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "json.h"
#include "schema.h"
#include "unit.h"

static json_t *data;

static const struct schema *
compile(json_t *document)
{
	const struct schema *schema;
	char		     err[512] = "";

	schema = schema_compile(document, json_object_get(document, "schema"),
	    "/schema", err, sizeof(err));
	unit_check(__FILE__, __LINE__, schema != NULL, "compiles", err);
	return schema;
}

/* Names the case and the value for failures. */
static void
name_case(struct arena *arena, json_t *document, json_t *value)
{
	char *text = json_dumps(value, JSON_ENCODE_ANY);

	unit_case = arena_printf(arena, "%s: %s",
	    json_string_value(json_object_get(document, "about")), text);
	free(text);
}

/* wanted: ["keyword /pointer", …]; detail: a part of the first sentence. */
static void
compare(const struct schema_faults *faults, json_t *wanted, json_t *detail)
{
	struct arena *arena = faults->arena;
	size_t	      i;

	CHECK(faults->count == json_array_size(wanted));
	for (i = 0; i < faults->count; i++)
		CHECK_STR(arena_printf(arena, "%s %s", faults->fault[i].code,
			      faults->fault[i].pointer),
		    json_string_value(json_array_get(wanted, i)));
	if (detail != NULL && faults->count != 0)
		CHECK_HAS(faults->fault[0].detail, json_string_value(detail));
}

static void
test_values_are_good_or_have_the_expected_faults(void)
{
	const struct schema *schema;
	struct schema_faults faults;
	json_t		    *document, *item;
	size_t		     i, j, found;

	json_array_foreach (json_object_get(data, "values"), i, document) {
		faults.arena = arena_new();
		if ((schema = compile(document)) == NULL)
			continue;
		json_array_foreach (json_object_get(document, "good"), j,
		    item) {
			name_case(faults.arena, document, item);
			faults.count = 0;
			CHECK(schema_check(schema, item, &faults) == 0);
			CHECK(faults.count == 0);
		}
		json_array_foreach (json_object_get(document, "bad"), j, item) {
			name_case(faults.arena, document, item);
			faults.count = 0;
			found = schema_check(schema, json_array_get(item, 0),
			    &faults);
			CHECK(found == faults.count);
			compare(&faults, json_array_get(item, 1),
			    json_array_get(item, 2));
		}
		arena_free(faults.arena);
	}
}

/* A list is taken apart at its commas. */
static size_t
check_text(const struct schema *schema, const char *text,
    struct schema_faults *faults, const char **out)
{
	const char *items[8];
	char	   *rest = arena_strdup(faults->arena, text);
	size_t	    n = 0, max;

	if (schema_list(schema, &max) == SCHEMA_NO_LIST)
		return schema_check_text(schema, text, faults, out);
	while (rest != NULL)
		items[n++] = strsep(&rest, ",");
	return schema_check_items(schema, items, n, faults, out);
}

static void
test_texts_become_parameters_or_faults(void)
{
	const struct schema *schema;
	struct schema_faults faults;
	const char	    *out;
	json_t		    *document, *item;
	size_t		     i, j;

	json_array_foreach (json_object_get(data, "texts"), i, document) {
		faults.arena = arena_new();
		if ((schema = compile(document)) == NULL)
			continue;
		json_array_foreach (json_object_get(document, "good"), j,
		    item) {
			name_case(faults.arena, document, item);
			faults.count = 0;
			out = NULL;
			CHECK(check_text(schema,
				  json_string_value(json_array_get(item, 0)),
				  &faults, &out) == 0);
			CHECK_STR(out,
			    json_string_value(json_array_get(item, 1)));
		}
		json_array_foreach (json_object_get(document, "bad"), j, item) {
			name_case(faults.arena, document, item);
			faults.count = 0;
			CHECK(check_text(schema,
				  json_string_value(json_array_get(item, 0)),
				  &faults, &out) == 1);
			CHECK_STR(faults.fault[0].code,
			    json_string_value(json_array_get(item, 1)));
			CHECK_STR(faults.fault[0].pointer, "");
			if (json_array_size(item) > 2)
				CHECK_HAS(faults.fault[0].detail,
				    json_string_value(json_array_get(item, 2)));
		}
		arena_free(faults.arena);
	}
}

static void
test_text_that_is_not_utf8_is_a_fault(void)
{
	json_t		    *document = json_pack("{s{}}", "schema");
	struct schema_faults faults = { .arena = arena_new() };
	const char	    *out;

	CHECK(schema_check_text(compile(document), "\xff", &faults, &out) == 1);
	CHECK_STR(faults.fault[0].detail, "Must be a string.");
	arena_free(faults.arena);
	json_decref(document);
}

static void
test_commas_within_items_are_for_texts_only(void)
{
	static const struct {
		const char	*schema;
		enum schema_list list;
		size_t		 max;
	} cases[] = {
		{ "{'type': 'string'}", SCHEMA_NO_LIST, SIZE_MAX },
		{ "{'type': 'array', 'maxItems': 3}", SCHEMA_LIST_OF_TEXTS, 3 },
		{ "{'type': 'array', 'items': {'type': 'string'}}",
		    SCHEMA_LIST_OF_TEXTS, SIZE_MAX },
		{ "{'type': 'array', 'items': {'type': 'integer'}}",
		    SCHEMA_LIST_WITHOUT_COMMAS, SIZE_MAX },
		{ "{'type': 'array', 'items': {'enum': ['a']}}",
		    SCHEMA_LIST_WITHOUT_COMMAS, SIZE_MAX },
	};
	json_t *document;
	char   *text, *p;
	size_t	i, max;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].schema;
		text = strdup(cases[i].schema);
		for (p = text; (p = strchr(p, '\'')) != NULL;)
			*p = '"';
		document =
		    json_pack("{so}", "schema", json_loads(text, 0, NULL));
		CHECK(schema_list(compile(document), &max) == cases[i].list);
		CHECK(max == cases[i].max);
		json_decref(document);
		free(text);
	}
}

static void
test_defaults_are_parameter_texts(void)
{
	struct arena *arena = arena_new();
	json_t	     *item, *document;
	size_t	      i;

	json_array_foreach (json_object_get(data, "defaults"), i, item) {
		document = json_pack("{sO}", "schema", json_array_get(item, 0));
		name_case(arena, document, item);
		CHECK_STR(schema_default_text(compile(document), arena),
		    json_string_value(json_array_get(item, 1)));
		json_decref(document);
	}
	arena_free(arena);
}

static void
test_errors_of_the_document_are_named_with_their_place(void)
{
	struct arena *arena = arena_new();
	json_t	     *item, *document, *schema;
	char	      err[512];
	size_t	      i;

	json_array_foreach (json_object_get(data, "errors"), i, item) {
		schema = json_array_get(item, 0);
		document = json_pack("{sO}", "schema", schema);
		name_case(arena, document, item);
		CHECK(schema_compile(document, schema, "/schema", err,
			  sizeof(err)) == NULL);
		CHECK_HAS(err, json_string_value(json_array_get(item, 1)));
		/* Nothing half compiled is found the second time. */
		CHECK(schema_compile(document, schema, "/schema", err,
			  sizeof(err)) == NULL);
		json_decref(document);
	}
	arena_free(arena);
}

static void
test_faults_are_appended_and_limited(void)
{
	json_t		    *document, *value = json_array();
	const struct schema *schema;
	struct schema_faults faults = { .arena = arena_new() };
	size_t		     i, found;

	document = json_pack("{s{ss s{ss}}}", "schema", "type", "array",
	    "items", "type", "string");
	schema = compile(document);
	json_array_append_new(value, json_integer(1));
	CHECK(schema_check(schema, value, &faults) == 1);
	for (i = 0; i < 10000; i++)
		json_array_append_new(value, json_integer(1));
	found = schema_check(schema, value, &faults);
	CHECK(found >= SCHEMA_FAULTS_MAX);
	CHECK(faults.count == SCHEMA_FAULTS_MAX);
	CHECK_STR(faults.fault[SCHEMA_FAULTS_MAX - 1].pointer, "/18");
	json_decref(value);
	json_decref(document);
	arena_free(faults.arena);
}

/* 64 bytes of white space a value, 12 a character, 6 a letter of a name. */
static void
test_a_schema_says_how_long_its_json_can_become(void)
{
	static const struct {
		const char *schema;
		size_t	    bytes;
	} sizes[] = {
		{ "{\"type\":\"string\",\"maxLength\":10}", 120 + 64 },
		{ "{\"type\":\"string\",\"enum\":[\"ab\",\"abc\"]}", 18 + 64 },
		{ "{\"type\":[\"string\",\"null\"],\"maxLength\":0}", 5 + 64 },
		{ "{\"type\":\"integer\"}", 24 + 64 },
		{ "{\"type\":\"array\",\"maxItems\":3,\"items\":"
		  "{\"type\":\"boolean\"}}",
		    3 * (5 + 64) + 64 },
		{ "{\"type\":\"object\",\"additionalProperties\":false,"
		  "\"properties\":{\"ab\":{\"type\":\"null\"},"
		  "\"c\":{\"anyOf\":[{\"type\":\"null\"},{\"type\":"
		  "\"string\",\"maxLength\":9}]}}}",
		    12 + 5 + 64 + 6 + 108 + 64 + 64 },
		{ "{\"type\":\"string\"}", SIZE_MAX },
		{ "{\"type\":\"array\",\"items\":{\"type\":\"null\"}}",
		    SIZE_MAX },
		{ "{\"type\":\"array\",\"maxItems\":1}", SIZE_MAX },
		{ "{\"type\":\"object\"}", SIZE_MAX },
		{ "{\"type\":\"object\",\"additionalProperties\":false,"
		  "\"properties\":{\"a\":{\"$ref\":\"#/schema\"}}}",
		    SIZE_MAX },
	};
	const struct schema *schema;
	json_t		    *document;
	size_t		     i;

	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		unit_case = sizes[i].schema;
		document = json_pack("{so}", "schema",
		    json_loads(sizes[i].schema, 0, NULL));
		schema = compile(document);
		CHECK(schema != NULL &&
		    schema_json_bytes(schema) == sizes[i].bytes);
		json_decref(document);
	}
	unit_case = "";
}

int
main(int argc, char **argv)
{
	const char *path = argc > 1 ? argv[1] : "tests/data/schema_cases.json";
	FILE	   *file = fopen(path, "r");
	char	   *text = NULL, err[256] = "";
	size_t	    size = 0;
	ssize_t	    len;

	len = file == NULL ? -1 : getdelim(&text, &size, '\0', file);
	if (len > 0)
		data = json_parse_strict(text, (size_t)len, err, sizeof(err));
	if (data == NULL) {
		printf("%s: %s\n", path, err);
		return 1;
	}
	fclose(file);
	free(text);
	RUN(test_values_are_good_or_have_the_expected_faults);
	RUN(test_texts_become_parameters_or_faults);
	RUN(test_text_that_is_not_utf8_is_a_fault);
	RUN(test_commas_within_items_are_for_texts_only);
	RUN(test_defaults_are_parameter_texts);
	RUN(test_errors_of_the_document_are_named_with_their_place);
	RUN(test_faults_are_appended_and_limited);
	RUN(test_a_schema_says_how_long_its_json_can_become);
	json_decref(data);
	return unit_end(argv[0]);
}
