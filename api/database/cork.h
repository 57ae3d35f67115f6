/*
 * libpq 15 sends at every PQpipelineSync(). While corked, its sends and reads
 * on watched sockets answer EAGAIN, so that the requests of one turn of the
 * event loop leave in one send. libpq 17 has PQsendPipelineSync() for this.
 */
#ifndef CASEWORK_CORK_H
#define CASEWORK_CORK_H

#include <stdbool.h>

void cork(bool);
void cork_watch(int fd);
void cork_forget(int fd);

#endif
