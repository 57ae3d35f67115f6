/*
 * Media types in Accept and Content-Type (RFC 9110 8.3, 12.5.1), strictly: what
 * stands in a quoted string or behind another name is no weight and no charset.
 */
#ifndef CASEWORK_MEDIA_TYPE_H
#define CASEWORK_MEDIA_TYPE_H

#include <stdbool.h>
#include <stddef.h>

#define MEDIA_TYPE_MAX 255 /* bytes of type/subtype: RFC 6838 4.2 */
#define CHARSET_MAX    40  /* RFC 2978 2.3 */

/* A Content-Type. Of its parameters only the charset is kept. */
struct media_type {
	char name[MEDIA_TYPE_MAX + 1]; /* in lower case */
	char charset[CHARSET_MAX + 1]; /* "": none */
};

/*
 * How much Accept wants the type, 0 to 1: the most specific range that covers
 * it decides. 0 is not acceptable. -1: it is malformed where *where then is.
 */
double media_type_quality(const char *accept, const char *type,
    const char **where);

/* False: it is none, or names two charsets, or one that is no name. */
bool media_type_read(const char *content_type, struct media_type *);
/* Whether a Content-Type is that type, in UTF-8. */
bool media_type_is(const char *content_type, const char *type);
/* The name that is registered for what others call so; or itself. */
const char *media_type_registered(const char *name);

#endif
