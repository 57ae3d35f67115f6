/*
 * Request and response fields that say something about bytes: what they are
 * called (Content-Disposition, RFC 6266) and what they hash to (Repr-Digest,
 * RFC 9530). Pure.
 */
#ifndef CASEWORK_FIELDS_H
#define CASEWORK_FIELDS_H

#include <stddef.h>

#include "arena.h"

#define FIELD_FILENAME_MAX 255 /* characters */
#define FIELD_SHA256_BYTES 32

/*
 * The value of a field → what a statement gets, in the arena. NULL with a
 * sentence in *fault: it is malformed; NULL without one: it says nothing.
 */
typedef const char *field_reader(struct arena *, const char *value,
    const char **fault);

/*
 * Content-Disposition: the file's name, of filename* (RFC 8187) or else of
 * filename. One line of UTF-8 without a path, control characters or such as
 * turn the direction of what follows.
 */
field_reader field_filename;
/* Repr-Digest: the SHA-256 as 64 hexadecimal digits; others are passed over. */
field_reader field_sha256;

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
/* "sha-256=:…:" of FIELD_SHA256_BYTES. */
const char *field_repr_digest(struct arena *, const void *sha256);

#endif
