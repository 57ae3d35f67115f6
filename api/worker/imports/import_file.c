/*
 * From bytes to records. Sentences are those of the API: the same reader of
 * JSON, the same schemas. Columns are members of the record.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "import_cell.h"
#include "import_file.h"
#include "json.h"
#include "utf8.h"

#define NAME_MAX_BYTES 100 /* of a column, in a sentence */
#define ID_MAX_BYTES   400 /* of an external id */

static enum import_found next(struct import_file *, struct import_record *);
static bool	   read_header(struct import_file *, struct import_record *);
static const char *column_fault(struct import_file *, const char *,
    const char *);
static char	  *member_name(const char *);
static json_t	  *read_record(const struct import_file *,
	const struct import_record *, json_t *, json_t *);
static json_t	  *read_row(const struct import_file *,
	const struct import_record *, json_t *, json_t *);
static void	   put(json_t *, const char *, json_t *);
static void	   add_cell_fault(json_t *, const char *, const char *);
static void	   add_faults_of(json_t *, const struct schema *, json_t *);
static bool	   is_said(const json_t *, const char *);
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
		name = member_name(r->fields[i]);
		why = column_fault(f, name, r->fields[i]);
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
column_fault(struct import_file *f, const char *name, const char *written)
{
	int    shown = (int)utf8_cut(written, NAME_MAX_BYTES);
	size_t i;

	for (i = 0; i < f->ncolumns; i++)
		if (strcmp(f->columns[i].name, name) == 0)
			break;
	if (i < f->ncolumns)
		snprintf(f->fault, sizeof(f->fault),
		    "There are two columns \"%.*s\".", shown, written);
	else if (*name == '\0')
		snprintf(f->fault, sizeof(f->fault), "Column %zu has no name.",
		    f->ncolumns + 1);
	else if (schema_column(f->schema, name) == NULL)
		snprintf(f->fault, sizeof(f->fault),
		    "There is no column \"%.*s\" in an import of this kind.",
		    shown, written);
	else
		return NULL;
	return f->fault;
}

/* As people title columns: "External ID" is external_id. */
static char *
member_name(const char *written)
{
	char *name = strdup(written), *out = name;

	if (name == NULL)
		abort();
	for (; *written != '\0'; written++) {
		if (strchr(" \t\r\n_-", *written) != NULL)
			continue;
		if (out > name && out[-1] != '.' && *written != '.' &&
		    strchr(" \t\r\n_-", written[-1]) != NULL)
			*out++ = '_';
		*out++ = (char)tolower((unsigned char)*written);
	}
	*out = '\0';
	return name;
}

json_t *
import_file_line(const struct import_file *f, const struct import_record *r)
{
	json_t	   *line = json_pack("{s:i}", "line", r->line);
	json_t	   *errors = json_array(), *local = json_array(), *record;
	const char *id;
	size_t	    len;

	record = read_record(f, r, errors, local);
	id = json_string_value(json_object_get(record, "external_id"));
	if (id != NULL) {
		len = utf8_cut(id, ID_MAX_BYTES);
		json_object_set_new(line, "external_id", json_stringn(id, len));
	}
	if (json_array_size(errors) > 0)
		json_object_set(line, "errors", errors);
	else
		json_object_set(line, "record", record);
	if (json_array_size(local) > 0)
		json_object_set(line, "local", local);
	json_decref(errors);
	json_decref(local);
	json_decref(record);
	return line;
}

/* NULL if it cannot be read at all. */
static json_t *
read_record(const struct import_file *f, const struct import_record *r,
    json_t *errors, json_t *local)
{
	json_t *record = NULL;
	char	err[256];
	bool	respelled;

	if (r->fault != NULL) {
		add_fault(errors, "", r->code, r->fault);
		return NULL;
	}
	if (f->is_csv)
		record = read_row(f, r, errors, local);
	else
		record = json_parse_body(r->text, r->len, &respelled, err,
		    sizeof(err));
	if (record == NULL) {
		add_fault(errors, "", "json", err);
		return NULL;
	}
	add_faults_of(errors, f->schema, record);
	return record;
}

/* An empty cell says nothing. local: members that are times of a place. */
static json_t *
read_row(const struct import_file *f, const struct import_record *r,
    json_t *errors, json_t *local)
{
	json_t	   *record = json_object();
	const char *name, *fault;
	bool	    is_local;
	size_t	    i;

	for (i = 0; i < f->ncolumns && i < r->nfields; i++) {
		if (*r->fields[i] == '\0')
			continue;
		name = f->columns[i].name;
		put(record, name,
		    import_cell(f->columns[i].schema, r->fields[i], &is_local,
			&fault));
		if (is_local)
			json_array_append_new(local, json_string(name));
		if (fault != NULL)
			add_cell_fault(errors, name, fault);
	}
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

static void
add_cell_fault(json_t *errors, const char *name, const char *fault)
{
	char pointer[NAME_MAX_BYTES + 2];

	snprintf(pointer, sizeof(pointer), "/%s", name);
	add_fault(errors, pointer, "format", fault);
}

/*
 * Of a member of which nothing is said yet. Times are put into words that
 * PostgreSQL reads, in the value.
 */
static void
add_faults_of(json_t *errors, const struct schema *schema, json_t *value)
{
	struct schema_faults faults = { .arena = arena_new() };
	size_t		     i;

	(void)schema_check(schema, value, &faults);
	for (i = 0; i < faults.count; i++)
		if (!is_said(errors, faults.fault[i].pointer))
			add_fault(errors, faults.fault[i].pointer,
			    faults.fault[i].code, faults.fault[i].detail);
	arena_free(faults.arena);
}

static bool
is_said(const json_t *errors, const char *pointer)
{
	size_t i;

	for (i = 0; i < json_array_size(errors); i++)
		if (strcmp(pointer,
			json_string_value(json_object_get(json_array_get(errors,
							      i),
			    "pointer"))) == 0)
			return true;
	return false;
}

static void
add_fault(json_t *errors, const char *pointer, const char *code,
    const char *detail)
{
	json_array_append_new(errors,
	    json_pack("{s:s, s:s, s:s}", "pointer", pointer, "code", code,
		"detail", detail));
}
