/*
 * Any value, or any text of a parameter, against a schema that uses every
 * keyword. The first byte chooses between the two.
 */
#include "arena.h"
#include "fuzz.h"
#include "json.h"
#include "schema.h"

static const char document[] =
    "{\"schemas\": {"
    "\"node\": {\"type\": \"object\", \"additionalProperties\": false,"
    " \"required\": [\"a\"], \"minProperties\": 1, \"properties\": {"
    "  \"a\": {\"type\": [\"string\", \"null\"], \"minLength\": 1,"
    "   \"maxLength\": 8, \"pattern\": \"^([A-Z]{2}|[^0-9]*-)*$\"},"
    "  \"b\": {\"anyOf\": [{\"$ref\": \"#/schemas/node\"},"
    "   {\"$ref\": \"#/schemas/list\"}, {\"type\": \"boolean\"}]},"
    "  \"c\": {\"oneOf\": [{\"type\": \"object\", \"properties\":"
    "   {\"k\": {\"const\": \"x\"}}}, {\"enum\": [1, null, [2]]},"
    "   {\"type\": \"string\", \"format\": \"date\"}]},"
    "  \"d\": {\"type\": \"string\", \"format\": \"date-time\"},"
    "  \"e\": {\"type\": \"string\", \"format\": \"email\"},"
    "  \"f\": {\"type\": \"string\", \"format\": \"uri\"},"
    "  \"h\": {\"type\": \"string\", \"format\": \"text-line\"},"
    "  \"g\": {\"type\": \"object\", \"additionalProperties\":"
    "   {\"$ref\": \"#/schemas/number\"}}}},"
    "\"list\": {\"type\": \"array\", \"maxItems\": 9, \"minItems\": 1,"
    " \"uniqueItems\": true, \"items\": {\"$ref\": \"#/schemas/node\"}},"
    "\"number\": {\"allOf\": [{\"type\": \"number\", \"minimum\": -1},"
    " {\"exclusiveMaximum\": 1e9}]}},"
    "\"texts\": [{\"$ref\": \"#/schemas/number\"}, {\"type\": \"integer\"},"
    " {\"type\": \"boolean\"}, {\"type\": \"string\", \"maxLength\": 5},"
    " {\"type\": \"array\", \"items\": {\"type\": \"string\"}},"
    " {\"type\": \"array\", \"items\": {\"type\": \"integer\"},"
    "  \"maxItems\": 5, \"uniqueItems\": true}]}";

static json_t		   *root;
static const struct schema *node, *texts[6];

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char   err[256];
	size_t i;

	(void)argc;
	(void)argv;
	root =
	    json_parse_strict(document, sizeof(document) - 1, err, sizeof(err));
	node = schema_compile(root,
	    json_object_get(json_object_get(root, "schemas"), "node"), "", err,
	    sizeof(err));
	REQUIRE(node != NULL);
	for (i = 0; i < 6; i++) {
		texts[i] = schema_compile(root,
		    json_array_get(json_object_get(root, "texts"), i), "", err,
		    sizeof(err));
		REQUIRE(texts[i] != NULL);
	}
	return 0;
}

static void
judge(const struct schema_faults *faults, size_t found)
{
	size_t i;

	REQUIRE((found == 0) == (faults->count == 0));
	REQUIRE(faults->count <= SCHEMA_FAULTS_MAX);
	for (i = 0; i < faults->count; i++) {
		REQUIRE(faults->fault[i].code[0] != '\0');
		REQUIRE(faults->fault[i].detail[0] != '\0');
		REQUIRE(faults->fault[i].pointer[0] == '/' ||
		    faults->fault[i].pointer[0] == '\0');
	}
}

static void
check_text(const struct schema *schema, const char *text, int array)
{
	struct schema_faults faults = { .arena = arena_new() };
	const char	    *out = NULL;
	size_t		     found;

	found = array ? schema_check_items(schema, &text, 1, &faults, &out) :
			schema_check_text(schema, text, &faults, &out);
	judge(&faults, found);
	if (found == 0 && array)
		REQUIRE(out[0] == '{' && out[strlen(out) - 1] == '}');
	else if (found == 0)
		REQUIRE(out == text || faults.reworded);
	arena_free(faults.arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct schema_faults faults;
	json_t		    *value;
	char		     err[256], *text;

	if (size > 0 && data[0] < 6) {
		text = fuzz_text(data + 1, size - 1);
		check_text(texts[data[0]], text, data[0] > 3);
		free(text);
		return 0;
	}
	value = json_parse_strict((const char *)data, size, err, sizeof(err));
	if (value == NULL)
		return 0;
	faults.arena = arena_new();
	faults.count = 0;
	judge(&faults, schema_check(node, value, &faults));
	arena_free(faults.arena);
	json_decref(value);
	return 0;
}
