/*
 * Cross-origin requests.
 */
#ifndef CASEWORK_CORS_H
#define CASEWORK_CORS_H

#include "request.h"

/* Header lines for the answer, "" if the origin is not allowed. */
const char *cors_headers(struct request *);

#endif
