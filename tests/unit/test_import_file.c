/*
 * Unit test of import_file.c: columns are members of the record, cells are read
 * by its schema, and records are judged by it.
 */
#include "import_file.h"
#include "unit.h"

static const struct schema *schema; /* of node, of root */
static json_t		   *root, *node;
static char		    err[300];

static void
compile(void)
{
	static const char text[] =
	    "{\"type\": \"object\", \"additionalProperties\": false,"
	    " \"required\": [\"external_id\"], \"properties\": {"
	    "  \"external_id\": {\"type\": \"string\", \"maxLength\": 9},"
	    "  \"name\": {\"type\": [\"string\", \"null\"]},"
	    "  \"level\": {\"type\": [\"integer\", \"null\"]},"
	    "  \"active\": {\"type\": \"boolean\"},"
	    "  \"due_on\": {\"type\": [\"string\", \"null\"], \"format\":"
	    "   \"date\"},"
	    "  \"at\": {\"type\": \"string\", \"format\": \"date-time\"},"
	    "  \"areas\": {\"type\": \"array\", \"items\": {\"type\":"
	    "   \"string\"}},"
	    "  \"levels\": {\"type\": [\"array\", \"null\"], \"items\":"
	    "   {\"type\": \"integer\"}},"
	    "  \"times\": {\"anyOf\": [{\"type\": \"integer\"},"
	    "   {\"type\": \"null\"}]},"
	    "  \"team\": {\"$ref\": \"#/$defs/team\"}},"
	    " \"$defs\": {\"team\": {\"type\": [\"object\", \"null\"],"
	    "  \"properties\": {\"email\": {\"type\": \"string\"},"
	    "   \"lead\": {\"type\": \"object\", \"properties\": {\"name\":"
	    "    {\"type\": \"string\"}}}}}}}";

	root = json_loads(text, 0, NULL);
	node = json_copy(root);
	json_object_del(node, "$defs");
	schema = schema_compile(root, node, "", err, sizeof(err));
	CHECK_STR(schema != NULL ? "" : err, "");
}

static void
release(void)
{
	json_decref(node);
	json_decref(root);
}

/* The last record of the text as SQL gets it, or the fault. */
static const char *
last(bool is_csv, const char *text)
{
	static char	     said[1000];
	struct import_file   file;
	struct import_record record;
	enum import_found    found;
	json_t		    *line;
	char		    *dump;

	*said = '\0';
	import_file_init(&file, is_csv, schema);
	CHECK(import_text_add(&file.text, text, strlen(text)) == NULL);
	CHECK(import_text_end(&file.text) == NULL);
	while ((found = import_file_next(&file, &record)) == IMPORT_RECORD) {
		line = import_file_line(&file, &record);
		dump = json_dumps(line, JSON_COMPACT | JSON_SORT_KEYS);
		snprintf(said, sizeof(said), "%s", dump);
		free(dump);
		json_decref(line);
	}
	if (found == IMPORT_BROKEN)
		snprintf(said, sizeof(said), "%s", record.fault);
	import_file_free(&file);
	return said;
}

static void
test_cells_are_values(void)
{
	static const struct {
		const char *column, *cell, *wanted;
	} cells[] = {
		{ "name", "a", "\"name\":\"a\"" },
		{ "name", "7", "\"name\":\"7\"" },
		{ "name", "null", "\"name\":null" },
		{ "name", "NULL", "\"name\":\"NULL\"" },
		{ "level", "7", "\"level\":7" },
		{ "level", "null", "\"level\":null" },
		{ "active", "true", "\"active\":true" },
		{ "active", "FALSE", "\"active\":false" },
		{ "areas", "a", "\"areas\":[\"a\"]" },
		{ "areas", "a|b c", "\"areas\":[\"a\",\"b c\"]" },
		{ "areas", "null", "\"areas\":[]" },
		{ "levels", "1|2", "\"levels\":[1,2]" },
		{ "levels", "null", "\"levels\":null" },
		{ "areas", " a | b c |", "\"areas\":[\"a\",\"b c\"]" },
		{ "levels", "1 | 2", "\"levels\":[1,2]" },
		{ "level", "\"1,234,567\"", "\"level\":1234567" },
		{ " Name ", " a", "\"name\":\"a\"" },
		{ "Team. Lead .NAME", "a", "\"lead\":{\"name\":\"a\"}" },
		{ "Due On", "1/5/2026", "\"due_on\":\"2026-01-05\"" },
		{ "due-on", "12/31/2026 0:00", "\"due_on\":\"2026-12-31\"" },
		{ "due_on", "2026-01-05", "\"due_on\":\"2026-01-05\"" },
		{ "due_on", "null", "\"due_on\":null" },
		{ "at", "2026-01-05T14:30:00-06:00",
		    "\"at\":\"2026-01-05T14:30:00-06:00\"" },
		{ "at", "2026-01-05T14:30:00Z", "\"line\":2,\"record\"" },
		{ "times", "7", "\"times\":7" },
		{ "times", "null", "\"times\":null" },
		{ "team.email", "a@b", "\"team\":{\"email\":\"a@b\"}" },
		{ "team.lead.name", "a",
		    "\"team\":{\"lead\":{\"name\":\"a\"}}" },
	};
	static const struct {
		const char *cell, *wanted;
	} times[] = {
		{ "1/5/2026 14:30", "\"2026-01-05T14:30:00Z\"" },
		{ "1/5/2026", "\"2026-01-05T00:00:00Z\"" },
		{ "01/05/2026 2:30 PM", "\"2026-01-05T14:30:00Z\"" },
		{ "1/5/2026  12:00:07am", "\"2026-01-05T00:00:07Z\"" },
		{ "1/5/2026 12:00 PM", "\"2026-01-05T12:00:00Z\"" },
		{ "2026-01-05 14:30", "\"2026-01-05T14:30:00Z\"" },
		{ "2026-01-05T14:30:00.25", "\"2026-01-05T14:30:00.25Z\"" },
		{ "2026-01-05", "\"2026-01-05T00:00:00Z\"" },
	};
	char   text[200];
	size_t i;

	for (i = 0; i < sizeof(cells) / sizeof(cells[0]); i++) {
		unit_case = cells[i].wanted;
		snprintf(text, sizeof(text), "external_id,%s\nx,%s\n",
		    cells[i].column, cells[i].cell);
		CHECK_HAS(last(true, text), cells[i].wanted);
		CHECK_HAS(last(true, text), "\"line\":2");
		CHECK_HAS(last(true, text), "\"record\"");
	}
	unit_case = "";
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		unit_case = times[i].cell;
		snprintf(text, sizeof(text), "at,external_id\n%s,x\n",
		    times[i].cell);
		CHECK_HAS(last(true, text), "\"local\":[\"at\"]");
		CHECK_HAS(last(true, text), times[i].wanted);
	}
	unit_case = "";
	CHECK_STR(last(true, "name,external_id,active\n,x,\n"),
	    "{\"external_id\":\"x\",\"line\":2,\"record\":"
	    "{\"external_id\":\"x\"}}");
}

static void
test_what_does_not_fit_is_said(void)
{
	static const struct {
		bool	    is_csv;
		const char *text, *wanted;
	} files[] = {
		{ true, "external_id,level\nx,high\n",
		    "\"pointer\":\"/level\"" },
		{ true, "external_id,active\nx,yes\n",
		    "\"pointer\":\"/active\"" },
		{ true, "external_id,due_on\nx,13/5/2026\n",
		    "Must be month/day/year" },
		{ true, "external_id,due_on\nx,1/5/26\n",
		    "Must be month/day/year" },
		{ true, "external_id,due_on\nx,1/5/2026 8:00\n",
		    "Must be month/day/year" },
		{ true, "external_id,due_on\nx,2/30/2026\n",
		    "Must be a date like" },
		{ true, "external_id,at\nx,1/5/2026 14:30 -06:00\n",
		    "Must be month/day/year and a time" },
		{ true, "external_id,at\nx,1/5/2026 25:00\n",
		    "Must be a time with its offset" },
		{ true, "external_id,at\nx,1/5/2026 13:00 PM\n",
		    "Must be month/day/year and a time" },
		{ true, "external_id,at\nx,Monday\n",
		    "Must be a time with its offset" },
		{ true, "external_id,level\nx,\"1,23\"\n",
		    "\"pointer\":\"/level\"" },
		{ true, "external_id,level\nx,\"1234,567\"\n",
		    "\"pointer\":\"/level\"" },
		{ true, "Name,external_id,NAME\n", "two columns \"NAME\"" },
		{ true, "external_id,levels\nx,1|b\n",
		    "\"pointer\":\"/levels/1\"" },
		{ true, "external_id\n0123456789\n", "\"code\":\"maxLength\"" },
		{ true, "name\na\n", "\"pointer\":\"/external_id\"" },
		{ true, "external_id,team\n", "no column \"team\"" },
		{ true, "external_id,team.phone\n",
		    "no column \"team.phone\"" },
		{ true, "external_id,,name\n", "Column 2 has no name." },
		{ true, "name,external_id, name\n", "two columns \"name\"" },
		{ true, "\"a\"b\n", "Field 1 has a quote within it" },
		{ true, "", "The file is empty" },
		{ false, "{\"external_id\":\"x\",\"x\":1}",
		    "\"pointer\":\"/x\"" },
		{ false, "{\"external_id\":\"x\",\"external_id\":\"y\"}",
		    "same member twice" },
		{ false, "[]", "\"pointer\":\"\"" },
		{ false, "{", "ends too early" },
	};
	size_t i;

	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		unit_case = files[i].text;
		CHECK_HAS(last(files[i].is_csv, files[i].text),
		    files[i].wanted);
		CHECK(strstr(last(files[i].is_csv, files[i].text),
			  "\"record\"") == NULL);
	}
	unit_case = "";
}

static void
test_what_fails_is_told_by_its_external_id(void)
{
	CHECK_HAS(last(false, "{\"external_id\":\"x\",\"level\":\"a\"}"),
	    "\"external_id\":\"x\",\"line\":1}");
	CHECK_STR(last(false, "\n{\"external_id\":\"x\"}"),
	    "{\"external_id\":\"x\",\"line\":2,\"record\":"
	    "{\"external_id\":\"x\"}}");
}

int
main(void)
{
	compile();
	RUN(test_cells_are_values);
	RUN(test_what_does_not_fit_is_said);
	RUN(test_what_fails_is_told_by_its_external_id);
	release();
	return unit_end("import_file");
}
