/*
 * The body against the document.
 */
#ifndef CASEWORK_BODY_H
#define CASEWORK_BODY_H

#include <stdbool.h>

#include "request.h"

/* Each returns false after fail(). */
bool request_read_body(struct request *);
bool request_read_key(struct request *); /* after the body */

#endif
