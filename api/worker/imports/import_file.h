/*
 * The file of an import, of whichever type, read record by record, each judged
 * by the schema of its kind as a request would be.
 */
#ifndef CASEWORK_IMPORT_FILE_H
#define CASEWORK_IMPORT_FILE_H

#include "csv.h"
#include "ndjson.h"
#include "schema.h"

struct import_column {
	char		    *name; /* technical_team.email */
	const struct schema *schema;
};

struct import_file {
	struct import_text text; /* what is to be added to */
	/* private */
	bool		     is_csv;
	const struct schema *schema;
	struct ndjson	     ndjson;
	struct csv	     csv;
	struct import_column columns[CSV_FIELDS_MAX];
	size_t		     ncolumns;
	char		     fault[300];
};

void import_file_init(struct import_file *, bool is_csv, const struct schema *);
void import_file_free(struct import_file *);
/* The next record, as ndjson_next() and csv_next() do; never a header. */
enum import_found import_file_next(struct import_file *,
    struct import_record *);
/*
 * The record as rules.import_lines gets it: its line, external_id, and either
 * the record or errors. A new reference.
 */
json_t *import_file_line(const struct import_file *,
    const struct import_record *);

#endif
