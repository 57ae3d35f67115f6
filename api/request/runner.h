/*
 * The life of a request: what connections call.
 */
#ifndef CASEWORK_RUNNER_H
#define CASEWORK_RUNNER_H

#include "connection.h"
#include "request_settings.h"

extern const struct connection_handlers request_handlers;

/* Call before the first request. The settings must stay. */
void request_start(const struct request_settings *);

#endif
