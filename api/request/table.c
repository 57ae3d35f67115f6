/*
 * A page of JSON → CSV (RFC 4180): the same rows, the columns of the document.
 * null is an empty field, an empty text is "". Spreadsheets take a text that
 * begins like a formula for one, and run it, whoever has written it. So such a
 * text gets an apostrophe in front, and so does one that begins with an
 * apostrophe: a program takes one away, and has every text as it was.
 */
#include <string.h>

#include "builder.h"
#include "fail.h"
#include "json.h"
#include "request.h"
#include "table.h"

static bool	     add_line(struct builder *, const json_t *, const json_t *);
static const json_t *value_at(const json_t *, const char *);
static void	     add_value(struct builder *, const json_t *);
static void	     add_text(struct builder *, const char *);
static bool	     looks_like_formula(const char *);

bool
request_write_table(struct request *r, const PGresult *res, int item, int items)
{
	struct builder table = { .arena = r->arena };
	json_t	      *column;
	size_t	       n;
	int	       i;

	json_array_foreach (r->op->columns, n, column) {
		builder_add(&table, n == 0 ? "" : ",");
		builder_add(&table, json_string_value(column));
	}
	builder_add(&table, "\r\n");
	for (i = 0; i < items; i++) {
		json_t *row = json_loadb(PQgetvalue(res, i, item),
		    (size_t)PQgetlength(res, i, item), 0, NULL);

		if (row == NULL || !add_line(&table, row, r->op->columns)) {
			json_decref(row);
			return fail(r, PROBLEM_INTERNAL, NULL);
		}
		json_decref(row);
	}
	r->reply.type = "text/csv; charset=utf-8; header=present";
	r->reply.body = builder_text(&table);
	r->reply.len = table.len;
	return true;
}

static bool
add_line(struct builder *table, const json_t *row, const json_t *columns)
{
	json_t *column;
	size_t	n;

	if (!json_is_object(row))
		return false;
	json_array_foreach (columns, n, column) {
		builder_add(table, n == 0 ? "" : ",");
		add_value(table, value_at(row, json_string_value(column)));
	}
	builder_add(table, "\r\n");
	return true;
}

/* Of "granted_by.id" the member id of the member granted_by, or NULL. */
static const json_t *
value_at(const json_t *row, const char *path)
{
	const char *dot;

	while ((dot = strchr(path, '.')) != NULL) {
		row = json_object_getn(row, path, (size_t)(dot - path));
		path = dot + 1;
	}
	return json_object_get(row, path);
}

static void
add_value(struct builder *table, const json_t *value)
{
	if (json_is_string(value))
		add_text(table, json_string_value(value));
	else if (json_is_integer(value))
		builder_printf(table, "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
	else if (json_is_real(value))
		builder_printf(table, "%.15g", json_real_value(value));
	else if (json_is_boolean(value))
		builder_add(table, json_is_true(value) ? "true" : "false");
}

static void
add_text(struct builder *table, const char *text)
{
	const char *quote;

	if (*text != '\0' && !looks_like_formula(text) &&
	    strpbrk(text, ",;\"\r\n\t ") == NULL) {
		builder_add(table, text);
		return;
	}
	builder_add(table, looks_like_formula(text) ? "\"'" : "\"");
	while ((quote = strchr(text, '"')) != NULL) {
		builder_add_bytes(table, text, (size_t)(quote - text));
		builder_add(table, "\"\"");
		text = quote + 1;
	}
	builder_add(table, text);
	builder_add(table, "\"");
}

/*
 * Behind white space and control characters, which some programs drop; as full
 * width too, which some take for the same.
 */
static bool
looks_like_formula(const char *text)
{
	static const char *const signs[] = { "=", "+", "-", "@", "'",
		"\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
		"\xef\xbc\xa0" };
	size_t			 i;

	while ((unsigned char)*text - 1U < ' ')
		text++;
	for (i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strncmp(text, signs[i], strlen(signs[i])) == 0)
			return true;
	return false;
}
