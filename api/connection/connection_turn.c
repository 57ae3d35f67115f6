/*
 * The queue for the next turn of the event loop. Sockets are edge triggered:
 * nothing else wakes a client whose bytes are here already. Events come first
 * in a turn and the queue after them, a part of it where it is long, so that a
 * request that comes alone passes everybody who sends many. Where events alone
 * are as much as a turn has, the others of them wait in the queue as well: a
 * thousand clients that send at one instant are one event each.
 *
 * Addresses take turns, and of each its clients: who opens many connections is
 * not served more often than who has one.
 */
#include "client.h"
#include "connection_turn.h"

/* Of all clients together, by events, and as many by the queue: an answer of
   this length is half a millisecond. */
#define TURN_STEPS 32

static void arm(void);
static void turn(void *, u_int64_t);

static TAILQ_HEAD(, peer) queue = TAILQ_HEAD_INITIALIZER(queue);
static void (*run_client)(struct client *);
static struct kore_timer *timer;  /* while steps are counted or any wait */
static u_int64_t	  number; /* of the turn */
static unsigned		  spent;  /* steps of it */

void
connection_turn_start(void (*run)(struct client *))
{
	run_client = run;
}

void
connection_turn_wait(struct client *client)
{
	if (client->waiting)
		return;
	client->waiting = true;
	if (TAILQ_EMPTY(&client->peer->waiting))
		TAILQ_INSERT_TAIL(&queue, client->peer, turn);
	TAILQ_INSERT_TAIL(&client->peer->waiting, client, turn);
	arm();
}

void
connection_turn_count(unsigned steps)
{
	spent += steps;
	arm();
}

bool
connection_turn_is_over(void)
{
	return spent >= TURN_STEPS;
}

static void
arm(void)
{
	if (timer == NULL)
		timer = kore_timer_add(turn, 0, NULL, 0);
}

void
connection_turn_leave(struct client *client)
{
	if (!client->waiting)
		return;
	client->waiting = false;
	TAILQ_REMOVE(&client->peer->waiting, client, turn);
	if (TAILQ_EMPTY(&client->peer->waiting))
		TAILQ_REMOVE(&queue, client->peer, turn);
}

/* It ends where it comes back to somebody. Kore runs a timer that repeats at
   most once a turn, one that is added anew again and again. */
static void
turn(void *arg, u_int64_t now)
{
	struct peer   *peer;
	struct client *client;
	const unsigned end = spent + TURN_STEPS;

	(void)arg;
	(void)now;
	number++;
	while (spent < end && (peer = TAILQ_FIRST(&queue)) != NULL) {
		client = TAILQ_FIRST(&peer->waiting);
		if (client->ran == number)
			break;
		client->ran = number;
		TAILQ_REMOVE(&queue, peer, turn);
		TAILQ_INSERT_TAIL(&queue, peer, turn);
		connection_turn_leave(client);
		run_client(client);
	}
	spent = 0;
	if (TAILQ_EMPTY(&queue)) {
		timer->flags |= KORE_TIMER_ONESHOT; /* Kore frees it */
		timer = NULL;
	}
}
