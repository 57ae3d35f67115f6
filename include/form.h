/*
 * HTML forms in (application/x-www-form-urlencoded), as strictly as JSON.
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
 * than tabs and line ends. Returns a new reference, or NULL with a sentence in
 * err that says what is wrong and at which byte; it never quotes the body.
 */
json_t *form_parse(struct arena *, const char *, size_t len, char *err,
    size_t errlen);

#endif
