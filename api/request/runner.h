/*
 * The life of a request: what connections call.
 */
#ifndef CASEWORK_RUNNER_H
#define CASEWORK_RUNNER_H

#include "http.h"

extern const struct http_handlers request_handlers;

#endif
