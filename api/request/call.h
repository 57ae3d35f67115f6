/*
 * What a request sends to the database.
 */
#ifndef CASEWORK_CALL_H
#define CASEWORK_CALL_H

#include "request.h"

/* go_on() has an answer or a problem. */
void request_start_calls(void (*go_on)(struct request *));
/* The operation's own statement, or one that a stream has besides. */
void request_fill_call(struct request *, const struct binding *);
/* The question for the district of the caller, a contact. */
void request_fill_district(struct request *);
/* The question whose identity the token's subject is (identity.c). */
void request_fill_identify(struct request *);
/* False: it could not be sent, and r->problem says why. */
bool request_send_call(struct request *);
/* The request ends. */
void request_forget_call(struct request *);

#endif
