/*
 * Answers of bytes.
 */
#ifndef CASEWORK_ANSWER_BYTES_H
#define CASEWORK_ANSWER_BYTES_H

#include <libpq-fe.h>
#include <stdbool.h>

#include "request.h"

/* Takes the result, as request_read_result() does. */
bool request_read_bytes(struct request *, PGresult *);
/* Gives the reply's rows to the connection, which clears them. */
void request_lend_rows(struct request *, struct wire_body *);

#endif
