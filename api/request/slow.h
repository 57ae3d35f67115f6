/*
 * What may be slow, and so takes turns instead of a connection that others
 * share: what the document says (x-slow), and lists of whoever had a slow one
 * a moment ago, or has another one with filters in flight.
 */
#ifndef CASEWORK_SLOW_H
#define CASEWORK_SLOW_H

#include "query.h"

struct request;

/* Which connections r->call takes; its key is set. */
enum db_pool slow_pool(struct request *);
/* r->call took too long for others to wait for. */
void slow_found(struct request *);
/* r->call is done, or was not sent. */
void slow_done(struct request *);

#endif
