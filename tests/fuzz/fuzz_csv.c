/*
 * Any bytes as a table, in pieces of any size: the same records as at once, of
 * bounded size and in bounded memory, and what is written of them with quotes
 * is read as the same.
 */
#include "fuzz.h"
#include "imported.h"

static const char *
all(struct arena *arena, const uint8_t *data, size_t size, size_t piece)
{
	return imported(arena, true, (const char *)data, size, piece);
}

/* Every field of every record in quotes. */
static void
write_again(struct arena *arena, const char *bytes, size_t len)
{
	struct import_text   text;
	struct csv	     csv = { 0 };
	struct import_record r;
	struct builder	     out = { .arena = arena }, seen = out, again = out;
	const char	    *p;
	size_t		     i, line = 0;
	bool		     good;

	import_text_init(&text);
	good = import_text_add(&text, bytes, len) == NULL &&
	    import_text_end(&text) == NULL;
	while (good && csv_next(&csv, &text, &r) == IMPORT_RECORD) {
		REQUIRE(r.line > 0 && (size_t)r.line > line);
		REQUIRE(r.len <= IMPORT_RECORD_MAX);
		line = (size_t)r.line;
		good = r.fault == NULL && r.nfields <= CSV_FIELDS_MAX;
		for (i = 0; good && i < r.nfields; i++) {
			builder_printf(&seen, "%zu=%s,", i, r.fields[i]);
			builder_add(&out, i > 0 ? ",\"" : "\"");
			for (p = r.fields[i]; *p != '\0'; p++)
				builder_add_bytes(&out, *p == '"' ? "\"\"" : p,
				    *p == '"' ? 2 : 1);
			builder_add(&out, "\"");
		}
		builder_add(&out, "\r\n");
	}
	import_text_free(&text);
	csv_free(&csv);
	if (!good || out.len > IMPORT_RECORD_MAX)
		return;
	csv = (struct csv){ .separator = ',' };
	import_text_init(&text);
	REQUIRE(import_text_add(&text, builder_text(&out), out.len) == NULL);
	REQUIRE(import_text_end(&text) == NULL);
	while (csv_next(&csv, &text, &r) == IMPORT_RECORD)
		for (i = 0; i < r.nfields; i++)
			builder_printf(&again, "%zu=%s,", i, r.fields[i]);
	import_text_free(&text);
	csv_free(&csv);
	REQUIRE(strcmp(builder_text(&seen), builder_text(&again)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *arena = arena_new();
	const char   *whole = all(arena, data, size, size + 1), *pieces;

	pieces = all(arena, data, size, size == 0 ? 1 : 1 + data[0] % 16);
	/* of text that is none, what comes before is read first */
	REQUIRE(strcmp(whole, pieces) == 0 ||
	    strstr(pieces, "of the file") != NULL);
	write_again(arena, (const char *)data, size);
	arena_free(arena);
	return 0;
}
