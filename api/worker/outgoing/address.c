/*
 * Networks that are not public: RFC 6890 and its registries, multicast, and
 * every form in which IPv6 carries an IPv4 address, which is judged as that.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

static const char *const reserved[] = {
	"0.0.0.0/8",	   /* this network */
	"10.0.0.0/8",	   /* private */
	"100.64.0.0/10",   /* shared by carriers */
	"127.0.0.0/8",	   /* loopback */
	"169.254.0.0/16",  /* link-local; metadata of clouds */
	"172.16.0.0/12",   /* private */
	"192.0.0.0/24",	   /* protocols */
	"192.0.2.0/24",	   /* documentation */
	"192.88.99.0/24",  /* 6to4 relays */
	"192.168.0.0/16",  /* private */
	"198.18.0.0/15",   /* benchmarks */
	"198.51.100.0/24", /* documentation */
	"203.0.113.0/24",  /* documentation */
	"224.0.0.0/3",	   /* multicast, reserved, broadcast */
};

/* Of IPv6 only this is public, without what follows. */
static const char *const global = "2000::/3";
static const char *const reserved_6[] = {
	"2001::/23",	 /* protocols, Teredo among them */
	"2001:db8::/32", /* documentation */
	"3fff::/20",	 /* documentation */
};

/* Where an IPv4 address lies in IPv6, at which byte. */
static const struct {
	const char *network;
	int	    at;
} carriers[] = {
	{ "::ffff:0:0/96", 12 }, /* mapped */
	{ "64:ff9b::/96", 12 },	 /* translated */
	{ "2002::/16", 2 },	 /* 6to4 */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool in(const char *, int, const unsigned char *);
static bool is_public_4(const unsigned char *);
static bool is_public_6(const unsigned char *);

bool
address_permitted(const struct networks *allowed,
    const struct sockaddr		*address)
{
	unsigned char bytes[NETWORK_ADDRESS];
	int	      family = network_address(address, bytes);

	if (address_inside(allowed, address))
		return true;
	switch (family) {
	case AF_INET:
		return is_public_4(bytes);
	case AF_INET6:
		return is_public_6(bytes);
	default:
		return false;
	}
}

bool
address_inside(const struct networks *allowed, const struct sockaddr *address)
{
	unsigned char bytes[NETWORK_ADDRESS];
	int	      family = network_address(address, bytes);

	return network_in_list(allowed, family, bytes);
}

static bool
is_public_4(const unsigned char *bytes)
{
	size_t i;

	for (i = 0; i < COUNT(reserved); i++)
		if (in(reserved[i], AF_INET, bytes))
			return false;
	return true;
}

static bool
is_public_6(const unsigned char *bytes)
{
	size_t i;

	for (i = 0; i < COUNT(carriers); i++)
		if (in(carriers[i].network, AF_INET6, bytes))
			return is_public_4(bytes + carriers[i].at);
	if (!in(global, AF_INET6, bytes))
		return false;
	for (i = 0; i < COUNT(reserved_6); i++)
		if (in(reserved_6[i], AF_INET6, bytes))
			return false;
	return true;
}

static bool
in(const char *text, int family, const unsigned char *bytes)
{
	struct network n;

	return network_read(text, strlen(text), &n) &&
	    network_contains(&n, family, bytes);
}
