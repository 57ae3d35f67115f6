/*
 * NDJSON: a JSON object a line. Lines end in LF or CR LF; empty ones are none.
 */
#ifndef CASEWORK_NDJSON_H
#define CASEWORK_NDJSON_H

#include "import_record.h"
#include "import_text.h"

/* All zero at first. */
struct ndjson {
	size_t scanned;	 /* of the text that can be seen: without line end */
	size_t given;	 /* of the text: the record that was found last */
	int    too_long; /* the line that is being passed over; 0: none */
};

/* The next line. One that is too long is a record with a fault. */
enum import_found ndjson_next(struct ndjson *, struct import_text *,
    struct import_record *);

#endif
