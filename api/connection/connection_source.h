/*
 * Who is at the other end of a connection.
 */
#ifndef CASEWORK_CONNECTION_SOURCE_H
#define CASEWORK_CONNECTION_SOURCE_H

#include <stdbool.h>

struct client;
struct connection; /* Kore's */
struct networks;

/* Who is at the other end: network_source() of its address. */
const char *connection_source(const struct client *);
/* Whether that is a proxy, whose word on who its client is counts. */
bool connection_is_proxy(const struct client *);
/* Whether this is the address of one. */
bool connection_trusts(int family, const unsigned char *address);

/* ---- for connection.c ---- */

/* The list must stay. */
void connection_source_start(const struct networks *proxies);
/* Its address as network_source() writes it, and whether it is a proxy. */
bool connection_source_find(const struct connection *, char *source);

#endif
