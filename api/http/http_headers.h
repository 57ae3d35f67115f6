/*
 * What the parser asks about a header line. Private to http_parse.c.
 */
#ifndef CASEWORK_HTTP_HEADERS_H
#define CASEWORK_HTTP_HEADERS_H

#include <stddef.h>

/*
 * A sentence that names the header, if it has one value at most and was seen
 * before; NULL otherwise. seen starts at 0 and is the message's.
 */
const char *http_repeated(const char *name, size_t len, unsigned *seen);

#endif
