/*
 * What a request sends to the database.
 */
#ifndef CASEWORK_CALL_H
#define CASEWORK_CALL_H

#include "request.h"

/* Everything of r->call but done. */
void request_fill_call(struct request *);
/* The same for the answer that belongs to r->key. */
void request_fill_replay(struct request *);
/* The request ends. */
void request_forget_call(struct request *);

#endif
