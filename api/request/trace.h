/*
 * Who a request is.
 */
#ifndef CASEWORK_TRACE_H
#define CASEWORK_TRACE_H

#include "request.h"

/* Sets id, span and trace. */
void request_identify(struct request *);

#endif
