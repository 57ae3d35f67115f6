/*
 * Addresses of clients, and the proxies among them.
 */
#include "client.h"
#include "connection_source.h"

static const struct networks *proxies;

void
connection_source_start(const struct networks *given_proxies)
{
	proxies = given_proxies;
}

bool
connection_source_find(const struct connection *c, char *source)
{
	unsigned char address[NETWORK_ADDRESS];
	int	      family;

	family = network_address((const struct sockaddr *)&c->addr, address);
	family = network_unmap(family, address);
	network_source(family, address, source);
	return connection_trusts(family, address);
}

const char *
connection_source(const struct client *client)
{
	return client->peer->source;
}

bool
connection_is_proxy(const struct client *client)
{
	return client->peer->proxy;
}

bool
connection_trusts(int family, const unsigned char *address)
{
	return network_in_list(proxies, family, address);
}
