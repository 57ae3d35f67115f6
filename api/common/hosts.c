/*
 * A server that is silent costs who comes after it nothing: whoever has found
 * one that answers says so to all (good), and new ways begin there.
 *
 * Without target_session_attrs a server that can write is wanted. A primary
 * that is read-only will do for reading while there is no other; a standby
 * never, since it shows the past.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hosts.h"

#define HOSTS_MAX   16
#define PATIENCE_MS 2000
#define HOST_SHIFT  16 /* of good: the address is below */
#define WANTED	    "target_session_attrs"

enum wanted { ANY, READ_WRITE, READ_ONLY, PRIMARY, STANDBY };

static const struct {
	const char *name;
	enum wanted first, second; /* the same: there is no second choice */
} attributes[] = {
	{ "", READ_WRITE, PRIMARY }, /* not said */
	{ "any", ANY, ANY },
	{ "read-write", READ_WRITE, READ_WRITE },
	{ "read-only", READ_ONLY, READ_ONLY },
	{ "primary", PRIMARY, PRIMARY },
	{ "standby", STANDBY, STANDBY },
	{ "prefer-standby", STANDBY, ANY },
};

#define NATTRIBUTES (sizeof(attributes) / sizeof(attributes[0]))

/* The options that are lists, in the order of their names here. */
enum list { NAMES, ADDRESSES, PORTS, LISTS };

static const char *const list_options[LISTS] = { "host", "hostaddr", "port" };

static char	       *lists[LISTS][HOSTS_MAX]; /* "" becomes NULL */
static unsigned		count = 1;
static long		patience = PATIENCE_MS;
static enum wanted	wanted[2];
static _Atomic unsigned good;

static void forget(void);
static int  load_lists(const PQconninfoOption *, const PQconninfoOption *,
     char *, size_t);
static int  load_wanted(const char *, char *, size_t);
static const char *said(const PQconninfoOption *, const PQconninfoOption *,
    const char *);
static const char *option(const PQconninfoOption *, const char *);
static int	   split(enum list, const char *, unsigned *, char *, size_t);
static bool	   is_name(const char *);
static void	   set_out(struct host_turn *);
static void	   advance(struct host_turn *);
static bool	   is(enum wanted, bool standby, bool read_only);
static bool	   is_on(const PGconn *, const char *);

/* What the URL leaves open the environment or a service file may say. */
int
hosts_load(const PQconninfoOption *given, char *err, size_t errlen)
{
	PQconninfoOption *usual;
	const char	 *text = option(given, "service");
	int		  result;

	forget();
	good = 0;
	if (text != NULL)
		(void)setenv("PGSERVICE", text, 1);
	if ((usual = PQconndefaults()) == NULL)
		abort();
	result = load_lists(given, usual, err, errlen);
	text = said(given, usual, WANTED);
	if (option(given, WANTED) == NULL && getenv("PGSERVICE") == NULL &&
	    getenv("PGTARGETSESSIONATTRS") == NULL)
		text = NULL; /* libpq's own default is any */
	if (result == 0)
		result = load_wanted(text, err, errlen);
	if ((text = said(given, usual, "connect_timeout")) != NULL)
		patience = strtol(text, NULL, 10) * 1000;
	PQconninfoFree(usual);
	return result;
}

static void
forget(void)
{
	size_t i, j;

	for (i = 0; i < LISTS; i++)
		for (j = 0; j < HOSTS_MAX; j++)
			free(lists[i][j]);
	memset(lists, 0, sizeof(lists));
}

static int
load_lists(const PQconninfoOption *given, const PQconninfoOption *usual,
    char *err, size_t errlen)
{
	const char *text;
	unsigned    n[LISTS] = { 0 }, i;

	for (i = 0; i < LISTS; i++) {
		text = said(given, usual, list_options[i]);
		if (text != NULL &&
		    split((enum list)i, text, &n[i], err, errlen) == -1)
			return -1;
	}
	count = n[ADDRESSES] > 0 ? n[ADDRESSES] : n[NAMES] > 0 ? n[NAMES] : 1;
	if ((n[NAMES] > 0 && n[NAMES] != count) ||
	    (n[PORTS] > 1 && n[PORTS] != count)) {
		snprintf(err, errlen,
		    "DATABASE_URL: host, hostaddr and port must name as many "
		    "servers each");
		return -1;
	}
	for (i = 1; n[PORTS] == 1 && lists[PORTS][0] != NULL && i < count; i++)
		if ((lists[PORTS][i] = strdup(lists[PORTS][0])) == NULL)
			abort();
	return 0;
}

static int
load_wanted(const char *text, char *err, size_t errlen)
{
	size_t i = 0;

	while (text != NULL && i < NATTRIBUTES &&
	    strcmp(text, attributes[i].name) != 0)
		i++;
	if (i == NATTRIBUTES) {
		snprintf(err, errlen,
		    "DATABASE_URL: there is no target_session_attrs=%s", text);
		return -1;
	}
	wanted[0] = attributes[i].first;
	wanted[1] = attributes[i].second;
	return 0;
}

static const char *
said(const PQconninfoOption *given, const PQconninfoOption *usual,
    const char *name)
{
	const char *text = option(given, name);

	return text != NULL ? text : option(usual, name);
}

static const char *
option(const PQconninfoOption *options, const char *name)
{
	for (; options->keyword != NULL; options++)
		if (strcmp(options->keyword, name) == 0)
			return options->val;
	return NULL;
}

static int
split(enum list list, const char *text, unsigned *n, char *err, size_t errlen)
{
	size_t len;

	for (;; text += len + 1) {
		if (*n == HOSTS_MAX) {
			snprintf(err, errlen,
			    "DATABASE_URL: more than %d servers", HOSTS_MAX);
			return -1;
		}
		len = strcspn(text, ",");
		if (len > 0 && (lists[list][*n] = strndup(text, len)) == NULL)
			abort();
		(*n)++;
		if (text[len] == '\0')
			return 0;
	}
}

/* Else the directory of a socket. */
static bool
is_name(const char *host)
{
	return host != NULL && host[0] != '/' && host[0] != '@';
}

bool
hosts_pick(struct host_turn *turn, struct host *host)
{
	const struct addrinfo hints = { .ai_socktype = SOCK_STREAM };
	struct addrinfo	     *found, *a;
	unsigned	      i;

	if (!turn->begun)
		set_out(turn);
	*host = (struct host){ .name = lists[NAMES][turn->host],
		.address = lists[ADDRESSES][turn->host],
		.port = lists[PORTS][turn->host] };
	turn->addresses = 1;
	if (host->address != NULL || !is_name(host->name))
		return true;
	if (getaddrinfo(host->name, NULL, &hints, &found) != 0)
		return false;
	turn->addresses = 0;
	for (a = found; a != NULL; a = a->ai_next)
		turn->addresses++;
	if (turn->address >= turn->addresses)
		turn->address = 0; /* there were more */
	for (a = found, i = 0; i < turn->address && a != NULL; i++)
		a = a->ai_next;
	if (a != NULL &&
	    getnameinfo(a->ai_addr, a->ai_addrlen, host->looked_up,
		sizeof(host->looked_up), NULL, 0, NI_NUMERICHOST) == 0)
		host->address = host->looked_up;
	freeaddrinfo(found);
	return host->address != NULL;
}

static void
set_out(struct host_turn *turn)
{
	unsigned at = good;

	*turn = (struct host_turn){ .begun = true,
		.host = at >> HOST_SHIFT,
		.address = at & ((1U << HOST_SHIFT) - 1) };
}

long
hosts_patience(void)
{
	return patience;
}

void
hosts_found(struct host_turn *turn)
{
	good = turn->host << HOST_SHIFT | turn->address;
	turn->tried = 0;
	turn->second = turn->unfit = false;
}

bool
hosts_failed(struct host_turn *turn)
{
	advance(turn);
	if (turn->tried < count)
		return false;
	turn->tried = 0;
	turn->second = !turn->second && turn->unfit && wanted[0] != wanted[1];
	if (!turn->second) {
		turn->unfit = false;
		return true;
	}
	set_out(turn);
	turn->second = turn->unfit = true;
	return false;
}

static void
advance(struct host_turn *turn)
{
	if (++turn->address < turn->addresses)
		return;
	turn->address = 0;
	turn->host = (turn->host + 1) % count;
	turn->tried++;
}

bool
hosts_is_left(const struct host_turn *turn)
{
	return good != (turn->host << HOST_SHIFT | turn->address);
}

void
hosts_lost(struct host_turn *turn)
{
	if (hosts_is_left(turn))
		set_out(turn);
	else
		advance(turn);
	turn->tried = 0;
	turn->second = turn->unfit = false;
}

enum hosts_fit
hosts_fit(const struct host_turn *turn, const struct backend *backend,
    const PGconn *pg)
{
	const enum hosts_fit fit = hosts_refit(backend, pg);

	return fit == HOSTS_SECOND && !turn->second ? HOSTS_UNFIT : fit;
}

enum hosts_fit
hosts_refit(const struct backend *backend, const PGconn *pg)
{
	const bool standby =
	    backend->pooled ? backend->standby : is_on(pg, "in_hot_standby");
	const bool read_only = backend->pooled ?
	    backend->read_only :
	    is_on(pg, "default_transaction_read_only");

	if (is(wanted[0], standby, read_only))
		return HOSTS_FIRST;
	return is(wanted[1], standby, read_only) ? HOSTS_SECOND : HOSTS_UNFIT;
}

static bool
is(enum wanted what, bool standby, bool read_only)
{
	const bool writes = !standby && !read_only;

	switch (what) {
	case READ_WRITE:
		return writes;
	case READ_ONLY:
		return !writes;
	case PRIMARY:
		return !standby;
	case STANDBY:
		return standby;
	case ANY:
		break;
	}
	return true;
}

static bool
is_on(const PGconn *pg, const char *name)
{
	const char *value = PQparameterStatus(pg, name);

	return value != NULL && strcmp(value, "on") == 0;
}
