/*
 * Strict JSON in (RFC 8259): what jansson leaves open is closed here.
 */
#ifndef CASEWORK_JSON_H
#define CASEWORK_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "arena.h"

#define JSON_DEPTH_MAX	32
#define JSON_VALUES_MAX 1200 /* of a request */

/*
 * Parses a text. Refused: duplicate members, NUL, invalid UTF-8, lone
 * surrogates, depth over JSON_DEPTH_MAX, numbers out of range or of more than
 * 128 characters, trailing text, a byte order mark. A number that is whole is
 * an integer however it is written, as JSON Schema has it (2020-12, 6.1.1): 1e2
 * is, 4.9999999999999999999 is not. Returns a new reference, or NULL with a
 * sentence in err that says what is wrong and where (line, column, byte).
 */
json_t *json_parse_strict(const char *, size_t len, char *err, size_t errlen);
/*
 * The same of a request, which has JSON_VALUES_MAX values at most. Whether it
 * has whole numbers in a spelling that PostgreSQL does not read as integers.
 */
json_t *json_parse_body(const char *, size_t len, bool *respelled, char *err,
    size_t errlen);

/*
 * A JSON string with its quotes, in the arena. UTF-8 stays as it is; so does
 * what is none, of a request, as it was seen.
 */
const char *json_quote(struct arena *, const char *);

#endif
