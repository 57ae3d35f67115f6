/*
 * A large body on its way: whose memory it takes, and how much of it.
 */
#ifndef CASEWORK_RECEIVE_H
#define CASEWORK_RECEIVE_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

struct request;

/*
 * Whether the district of the caller has to be asked for, before the first
 * large body that it sends.
 */
bool request_needs_district(const struct request *);
/* From the column district_id of an answer. */
void request_learn_district(struct request *, const PGresult *);
/* Names whose share the body will take. */
void request_name_hold(struct request *);
/* Begins to read the body. */
void request_receive(struct request *);
/*
 * Takes memory for so many bytes of a body, in whatever direction; false, with
 * a problem, if the caller has its share or others have the rest.
 */
bool request_hold(struct request *, size_t bytes);

#endif
