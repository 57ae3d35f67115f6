/*
 * Path and headers against the document.
 */
#ifndef CASEWORK_VALIDATE_H
#define CASEWORK_VALIDATE_H

#include <stdbool.h>

#include "request.h"

/* Each returns false after fail(). */
bool request_read_path(struct request *, const char *const *segments);
bool request_read_headers(struct request *);
/* Fields that the operation declares, and the type of a raw body. */
bool request_read_fields(struct request *);

#endif
