/*
 * HTML forms in, as strictly as JSON: application/x-www-form-urlencoded, and
 * the text fields of multipart/form-data, which mail programs send (RFC 8058).
 */
#ifndef CASEWORK_FORM_H
#define CASEWORK_FORM_H

#include <jansson.h>
#include <stddef.h>

#include "arena.h"

#define FORM_FIELDS_MAX 100

/*
 * Parses a body into an object of strings. Refused: a name given twice or
 * empty, a field without "=", empty pairs, anything but printable ASCII before
 * decoding, and after it what is not UTF-8 or has control characters other
 * than tabs and line ends. A line ends with LF, however it was sent. Returns a
 * new reference, or NULL with a sentence in err that says what is wrong and at
 * which byte; it never quotes the body.
 */
json_t *form_parse(struct arena *, const char *, size_t len, char *err,
    size_t errlen);

/*
 * What a person has entered in a form that form_parse() refuses, in order to
 * be shown again: the fields, with U+FFFD in the place of what is no text. A
 * new reference. *wrong is the name of the first field with some, or NULL.
 */
json_t *form_entered(struct arena *, const char *, size_t len,
    const char **wrong);

/* The boundary that a Content-Type names, in the arena; NULL without one. */
const char *form_boundary(struct arena *, const char *content_type);

/*
 * The same of multipart/form-data (RFC 7578), without files: every part is a
 * Content-Disposition with a name and UTF-8 text; nothing before or after.
 */
json_t *form_parse_multipart(struct arena *, const char *boundary, const char *,
    size_t len, char *err, size_t errlen);

#endif
