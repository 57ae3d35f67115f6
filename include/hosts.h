/*
 * The servers of DATABASE_URL. libpq would begin with the first again after
 * each failure, and give all of them together one deadline; here each address
 * gets its own, in turn. What a server has to be, target_session_attrs says.
 */
#ifndef CASEWORK_HOSTS_H
#define CASEWORK_HOSTS_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stddef.h>

#include "backends.h"

#define HOSTS_ADDRESS_MAX 64

/*
 * A connection's way through the servers; all zero at first. A way ends when
 * each has been tried; where a second choice will do, it goes round twice, and
 * the second time it begins where the others are.
 */
struct host_turn {
	unsigned host, address; /* the one whose turn it is */
	unsigned addresses;	/* of that host; 0: not looked up */
	unsigned tried;		/* hosts */
	bool	 begun, second;
	bool	 unfit; /* somebody answered who is not what is wanted */
};

/* Whom to connect to; NULL is libpq's default. */
struct host {
	const char *name, *address, *port;
	char looked_up[HOSTS_ADDRESS_MAX]; /* what address may point to */
};

enum hosts_fit {
	HOSTS_UNFIT,
	HOSTS_SECOND, /* what will do while there is no better one */
	HOSTS_FIRST
};

/* Once. 0, or -1 with a line in err. */
int hosts_load(const PQconninfoOption *given, char *err, size_t errlen);

/*
 * Whose turn it is. False: its name is not found. Looking it up may take as
 * long as the system's resolver lets it.
 */
bool hosts_pick(struct host_turn *, struct host *);
/* Milliseconds that a server may be silent while connecting; 0: for ever. */
long hosts_patience(void);
/* A session has begun: is it of such a server as is wanted? */
enum hosts_fit hosts_fit(const struct host_turn *, const struct backend *,
    const PGconn *);
/* It is used; whoever opens another one begins there. */
void hosts_found(struct host_turn *);
/* The attempt has failed. True: the way has ended, so a pause is due. */
bool hosts_failed(struct host_turn *);
/*
 * Whether others have found another server since: then this one is left, so
 * that nobody is where the others had to leave.
 */
bool hosts_is_left(const struct host_turn *);
/* What was found is lost: the next way begins elsewhere. */
void hosts_lost(struct host_turn *);

/*
 * The same of one that is used, by what the server has said since: it tells
 * with its answers. What has become a second choice will do until a better one
 * is found. A pooler repeats what some server of its said once.
 */
enum hosts_fit hosts_refit(const struct backend *, const PGconn *);

#endif
