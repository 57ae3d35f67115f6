/*
 * Where each client stands among the others: who may come in, who has to go
 * first when there is no room, and who has had its time.
 */
#ifndef CASEWORK_CONNECTION_ROOM_H
#define CASEWORK_CONNECTION_ROOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct client;
struct peer;

/* Kore's limit is so much above that of clients, so that it never ceases to
   accept: who may stay is decided here, and at once. */
#define CONNECTION_SPARE 64

/* Why a connection was ended that a client would have kept. */
enum connection_end {
	CONNECTION_ADDRESS, /* a newcomer: its address has as many as it may */
	CONNECTION_FULL,    /* a newcomer: everybody else is being served */
	CONNECTION_ROOM,    /* for a newcomer */
	CONNECTION_SLOW,    /* too slow in sending, or in taking answers */
	CONNECTION_UNSENT,  /* for the answers of others */
	CONNECTION_ENDS
};

/* All clients of this process. */
unsigned connection_count(void);
/* Those whose request has not been answered, or whose answer not taken. */
unsigned connection_count_busy(void);

/* ---- for connection.c ---- */

/*
 * At most clients at once, of one address at most per_address. Who goes for
 * somebody new is given to leave().
 */
void connection_room_start(size_t clients, size_t per_address,
    void (*leave)(struct client *));
/*
 * Whether a newcomer that has joined its address may come in; if not, why says
 * so. A proxy speaks for many addresses and may have as many as it wants.
 */
bool connection_room_take(const struct peer *, enum connection_end *why);
/* It has come in. */
void connection_room_add(struct client *);
/* It has gone. */
void connection_room_give(struct client *);

/* After anything has happened to it: state and deadline follow. */
void connection_place(struct client *);
/* Calls late() for each whose time is over and that has not moved enough. */
void connection_room_sweep(uint64_t now, void (*late)(struct client *));
/* Calls each() for all clients; it may end the one that it is called for. */
void connection_room_each(void (*each)(struct client *));

#endif
