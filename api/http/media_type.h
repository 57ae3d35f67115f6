/*
 * Media types in Accept and Content-Type (RFC 9110).
 */
#ifndef CASEWORK_MEDIA_TYPE_H
#define CASEWORK_MEDIA_TYPE_H

#include <stdbool.h>

/*
 * How much Accept wants the type, 0 to 1 (12.5.1): the most specific range that
 * covers it decides. 0 is not acceptable.
 */
double media_type_quality(const char *accept, const char *type);
/*
 * Whether the value of a Content-Type is that type: parameters do not count,
 * but for a charset, which must be UTF-8.
 */
bool media_type_is(const char *value, const char *type);

#endif
