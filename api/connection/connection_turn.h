/*
 * Clients with more to do than one turn of the event loop gives them.
 */
#ifndef CASEWORK_CONNECTION_TURN_H
#define CASEWORK_CONNECTION_TURN_H

#include <stdbool.h>

struct client;

/* What is done for each, once a turn. */
void connection_turn_start(void (*run)(struct client *));
/* After all others of its address that wait already. Once is enough. */
void connection_turn_wait(struct client *);
/* What has been done for one; beyond what a turn has, others wait. */
void connection_turn_count(unsigned steps);
bool connection_turn_is_over(void);
/* It goes, or has been served: waits no longer. */
void connection_turn_leave(struct client *);

#endif
