/*
 * Any bytes as the lines of an import, in pieces of any size: the same records
 * as at once; and as records of a schema, of which each is taken or has faults.
 */
#include "fuzz.h"
#include "import_file.h"
#include "imported.h"

static const struct schema *
a_schema(void)
{
	static const struct schema *schema;
	char			    err[200];
	json_t			   *root;

	if (schema != NULL)
		return schema;
	root = json_loads("{\"type\": \"object\", \"properties\": {"
			  "\"external_id\": {\"type\": \"string\"},"
			  "\"n\": {\"type\": \"integer\"},"
			  "\"l\": {\"type\": \"array\"},"
			  "\"o\": {\"type\": \"object\", \"properties\": {"
			  "\"b\": {\"type\": \"boolean\"}}}},"
			  "\"additionalProperties\": false}",
	    0, NULL);
	schema = schema_compile(root, root, "", err, sizeof(err));
	REQUIRE(schema != NULL);
	return schema;
}

static void
judge(bool is_csv, const char *bytes, size_t len)
{
	struct import_file   file;
	struct import_record record;
	json_t		    *line;
	char		    *dump;

	import_file_init(&file, is_csv, a_schema());
	if (import_text_add(&file.text, bytes, len) == NULL &&
	    import_text_end(&file.text) == NULL)
		while (import_file_next(&file, &record) == IMPORT_RECORD) {
			line = import_file_line(&file, &record);
			REQUIRE((json_object_get(line, "record") == NULL) !=
			    (json_object_get(line, "errors") == NULL));
			dump = json_dumps(line, 0);
			REQUIRE(dump != NULL);
			free(dump);
			json_decref(line);
		}
	import_file_free(&file);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char   *bytes = (const char *)data, *whole, *pieces;

	whole = imported(arena, false, bytes, size, size + 1);
	pieces = imported(arena, false, bytes, size,
	    size == 0 ? 1 : 1 + data[0] % 16);
	/* of text that is none, what comes before is read first */
	REQUIRE(strcmp(whole, pieces) == 0 ||
	    strstr(pieces, "of the file") != NULL);
	judge(false, bytes, size);
	judge(true, bytes, size);
	arena_free(arena);
	return 0;
}
