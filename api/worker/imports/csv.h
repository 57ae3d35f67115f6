/*
 * CSV (RFC 4180), and what Excel makes of it elsewhere: semicolons or tabs
 * between fields, a line "sep=;" before the header, blanks around fields. Empty
 * rows are none.
 */
#ifndef CASEWORK_CSV_H
#define CASEWORK_CSV_H

#include "import_record.h"
#include "import_text.h"

#define CSV_FIELDS_MAX 256

/* CLOSED: behind a quote, which may be the first of two; AFTER: and a blank. */
enum csv_state { CSV_START, CSV_PLAIN, CSV_QUOTED, CSV_CLOSED, CSV_AFTER };

/* All zero at first; csv_free() at the end. */
struct csv {
	char	       separator; /* NUL until the header has been seen */
	size_t	       columns;	  /* 0 until it has been read */
	size_t	       scanned;	  /* of the text that can be seen */
	enum csv_state state;	  /* there */
	size_t	       given; /* of the text: the record that was found last */
	char	      *plain; /* its fields without quotes and blanks */
	const char    *fields[CSV_FIELDS_MAX];
	char	       fault[200];
};

/*
 * The next record; the first one is the header. One with too many fields, too
 * few or misplaced quotes has a fault; behind a record without end nothing can
 * be read.
 */
enum import_found csv_next(struct csv *, struct import_text *,
    struct import_record *);
void		  csv_free(struct csv *);

#endif
