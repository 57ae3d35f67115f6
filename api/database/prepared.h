/*
 * Which statements one connection has prepared. A backend keeps each, with its
 * plan, until it is told otherwise: up to 400 KB. So the popular ones are, a
 * bounded number, and the others are sent as text.
 */
#ifndef CASEWORK_PREPARED_H
#define CASEWORK_PREPARED_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "popular.h"
#include "query.h"

#define PREPARED_MAX  64 /* of a connection */
#define PREPARED_NAME 24

struct prepared {
	struct popular popular;
	unsigned       made; /* in the life of the connection */
	char	       name[PREPARED_MAX][PREPARED_NAME];
};

/* One query of a call, and what has to be sent in front of it. */
struct prepared_use {
	const struct query *query;
	int		    place; /* of its name; -1: it has none */
	bool		    prepare, deallocate;
};

/* Of a new connection: there is none. */
void prepared_start(struct prepared *);
/* Sends what has to be in front; false: the connection is broken. */
bool prepared_use(struct prepared *, PGconn *, const struct query *,
    struct prepared_use *);
/* Its query has been sent. */
void prepared_used(struct prepared *, const struct prepared_use *);
/* NULL: it is sent as text. */
const char *prepared_name(const struct prepared *, const struct prepared_use *);

#endif
