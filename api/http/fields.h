/*
 * Request fields that an operation may take, each with its reader; and how the
 * name of a file is read and written (Content-Disposition, RFC 6266). Pure.
 */
#ifndef CASEWORK_FIELDS_H
#define CASEWORK_FIELDS_H

#include "arena.h"

/*
 * The value of a field → what a statement gets, in the arena. NULL with a
 * sentence in *fault: it is malformed.
 */
typedef const char *field_reader(struct arena *, const char *value,
    const char **fault);

/*
 * Content-Disposition: the file's name, of filename* (RFC 8187) or else of
 * filename, and one that every disk takes (filename.h).
 */
field_reader field_filename;

/* A field that an operation may take, and as what its statement knows it. */
struct field {
	const char   *name;	 /* on the wire */
	const char   *parameter; /* of the statement */
	field_reader *read;
};

/* NULL if the engine does not know it. */
const struct field *field_find(const char *name);

/* "attachment; filename=…; filename*=…", with no character of the name's. */
const char *field_disposition(struct arena *, const char *filename);

#endif
