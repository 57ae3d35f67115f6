/*
 * From bytes to records. Sentences are those of the API: the same reader of
 * JSON, the same schemas. Columns are members of the record.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_file.h"
#include "json.h"
#include "utf8.h"

#define NAME_MAX_BYTES 100 /* of a column, in a sentence */
#define ID_MAX_BYTES   400 /* of an external id */

static enum import_found next(struct import_file *, struct import_record *);
static bool	   read_header(struct import_file *, struct import_record *);
static const char *column_fault(struct import_file *, const char *);
static char	  *trimmed(const char *);
static json_t	  *read_record(const struct import_file *,
	const struct import_record *, json_t *);
static json_t	  *read_row(const struct import_file *,
	const struct import_record *);
static void	   put(json_t *, const char *, json_t *);
static json_t	  *faults_of(const struct schema *, json_t *);
static void add_fault(json_t *, const char *, const char *, const char *);

void
import_file_init(struct import_file *f, bool is_csv,
    const struct schema *schema)
{
	*f = (struct import_file){ .is_csv = is_csv, .schema = schema };
	import_text_init(&f->text);
}

void
import_file_free(struct import_file *f)
{
	size_t i;

	for (i = 0; i < f->ncolumns; i++)
		free(f->columns[i].name);
	import_text_free(&f->text);
	csv_free(&f->csv);
}

enum import_found
import_file_next(struct import_file *f, struct import_record *r)
{
	enum import_found found = next(f, r);

	if (!f->is_csv || f->ncolumns > 0)
		return found;
	if (found == IMPORT_RECORD)
		return read_header(f, r) ? next(f, r) : IMPORT_BROKEN;
	if (found == IMPORT_END) {
		*r = (struct import_record){
			.fault = "The file is empty: the first line of CSV "
				 "names the columns."
		};
		return IMPORT_BROKEN;
	}
	return found;
}

static enum import_found
next(struct import_file *f, struct import_record *r)
{
	return f->is_csv ? csv_next(&f->csv, &f->text, r) :
			   ndjson_next(&f->ndjson, &f->text, r);
}

/* False: no row could be understood. */
static bool
read_header(struct import_file *f, struct import_record *r)
{
	const char *why = r->fault;
	char	   *name;
	size_t	    i;

	if (r->nfields > CSV_FIELDS_MAX)
		why = "There are more than 256 columns.";
	for (i = 0; why == NULL && i < r->nfields; i++) {
		name = trimmed(r->fields[i]);
		why = column_fault(f, name);
		f->columns[i].name = name;
		f->columns[i].schema = schema_column(f->schema, name);
		f->ncolumns++;
	}
	if (why == NULL)
		return true;
	if (why != f->fault)
		snprintf(f->fault, sizeof(f->fault), "%s", why);
	*r = (struct import_record){ .line = r->line, .fault = f->fault };
	return false;
}

static const char *
column_fault(struct import_file *f, const char *name)
{
	int    shown = (int)utf8_cut(name, NAME_MAX_BYTES);
	size_t i;

	for (i = 0; i < f->ncolumns; i++)
		if (strcmp(f->columns[i].name, name) == 0)
			break;
	if (i < f->ncolumns)
		snprintf(f->fault, sizeof(f->fault),
		    "There are two columns \"%.*s\".", shown, name);
	else if (*name == '\0')
		snprintf(f->fault, sizeof(f->fault), "Column %zu has no name.",
		    f->ncolumns + 1);
	else if (schema_column(f->schema, name) == NULL)
		snprintf(f->fault, sizeof(f->fault),
		    "There is no column \"%.*s\" in an import of this kind.",
		    shown, name);
	else
		return NULL;
	return f->fault;
}

static char *
trimmed(const char *text)
{
	size_t len;
	char  *copy;

	text += strspn(text, " ");
	len = strlen(text);
	while (len > 0 && text[len - 1] == ' ')
		len--;
	copy = strndup(text, len);
	if (copy == NULL)
		abort();
	return copy;
}

json_t *
import_file_line(const struct import_file *f, const struct import_record *r)
{
	json_t	   *line = json_pack("{s:i}", "line", r->line);
	json_t	   *errors = json_array(), *record;
	const char *id;
	size_t	    len;

	record = read_record(f, r, errors);
	id = json_string_value(json_object_get(record, "external_id"));
	if (id != NULL) {
		len = utf8_cut(id, ID_MAX_BYTES);
		json_object_set_new(line, "external_id", json_stringn(id, len));
	}
	if (json_array_size(errors) > 0)
		json_object_set(line, "errors", errors);
	else
		json_object_set(line, "record", record);
	json_decref(errors);
	json_decref(record);
	return line;
}

/* NULL if it cannot be read at all. */
static json_t *
read_record(const struct import_file *f, const struct import_record *r,
    json_t *errors)
{
	json_t *record = NULL, *faults;
	char	err[256];
	bool	respelled;

	if (r->fault != NULL) {
		add_fault(errors, "", r->code, r->fault);
		return NULL;
	}
	if (f->is_csv)
		record = read_row(f, r);
	else
		record = json_parse_body(r->text, r->len, &respelled, err,
		    sizeof(err));
	if (record == NULL) {
		add_fault(errors, "", "json", err);
		return NULL;
	}
	faults = faults_of(f->schema, record);
	json_array_extend(errors, faults);
	json_decref(faults);
	return record;
}

/* An empty cell says nothing. */
static json_t *
read_row(const struct import_file *f, const struct import_record *r)
{
	json_t *record = json_object();
	size_t	i;

	for (i = 0; i < f->ncolumns && i < r->nfields; i++)
		if (*r->fields[i] != '\0')
			put(record, f->columns[i].name,
			    schema_read_cell(f->columns[i].schema,
				r->fields[i]));
	return record;
}

static void
put(json_t *object, const char *name, json_t *value)
{
	size_t	len = strcspn(name, ".");
	json_t *inner;

	if (name[len] == '\0') {
		json_object_set_new(object, name, value);
		return;
	}
	inner = json_object_getn(object, name, len);
	if (inner == NULL) {
		inner = json_object();
		json_object_setn_new(object, name, len, inner);
	}
	put(inner, name + len + 1, value);
}

/* Times are put into words that PostgreSQL reads, in the value. */
static json_t *
faults_of(const struct schema *schema, json_t *value)
{
	struct schema_faults faults = { .arena = arena_new() };
	json_t		    *errors = json_array();
	size_t		     i;

	(void)schema_check(schema, value, &faults);
	for (i = 0; i < faults.count; i++)
		add_fault(errors, faults.fault[i].pointer, faults.fault[i].code,
		    faults.fault[i].detail);
	arena_free(faults.arena);
	return errors;
}

static void
add_fault(json_t *errors, const char *pointer, const char *code,
    const char *detail)
{
	json_array_append_new(errors,
	    json_pack("{s:s, s:s, s:s}", "pointer", pointer, "code", code,
		"detail", detail));
}
