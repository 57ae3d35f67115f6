/*
 * The life of a request: what connections call.
 */
#ifndef CASEWORK_RUNNER_H
#define CASEWORK_RUNNER_H

#include "connection.h"

extern const struct connection_handlers request_handlers;

#endif
