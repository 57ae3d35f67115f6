/*
 * A record of an import, as the readers find it.
 */
#ifndef CASEWORK_IMPORT_RECORD_H
#define CASEWORK_IMPORT_RECORD_H

#include <stddef.h>

enum import_found {
	IMPORT_MORE,   /* bytes are needed */
	IMPORT_RECORD, /* here it is */
	IMPORT_END,    /* there are no more */
	IMPORT_BROKEN  /* nothing can be read any more: the fault says why */
};

/* It stays until the next is asked for, or text is added. */
struct import_record {
	int		   line; /* where it begins, from 1 */
	const char	  *text; /* NDJSON: the line */
	size_t		   len;
	const char *const *fields; /* CSV: their texts */
	size_t		   nfields;
	const char	  *code;  /* of the fault */
	const char	  *fault; /* a sentence; NULL: it can be read */
};

#endif
