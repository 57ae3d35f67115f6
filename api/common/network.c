/*
 * IP addresses and networks (RFC 4632, RFC 4291).
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "network.h"

static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };

/* "10.0.0.0/8"; without a length it is one address. */
bool
network_read(const char *text, size_t len, struct network *n)
{
	char copy[INET6_ADDRSTRLEN + 4], *slash, *end = NULL;
	long bits;
	int  most;

	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	slash = strchr(copy, '/');
	if (slash != NULL)
		*slash++ = '\0';
	n->family = strchr(copy, ':') == NULL ? AF_INET : AF_INET6;
	most = n->family == AF_INET ? 32 : 128;
	bits = slash == NULL ? most : strtol(slash, &end, 10);
	if (slash != NULL && (end == slash || *end != '\0'))
		return false;
	n->bits = (int)bits;
	return bits >= 0 && bits <= most &&
	    inet_pton(n->family, copy, n->address) == 1;
}

bool
network_contains(const struct network *n, int family,
    const unsigned char *bytes)
{
	int whole = n->bits / 8, rest = n->bits % 8;

	if (n->family != family ||
	    memcmp(n->address, bytes, (size_t)whole) != 0)
		return false;
	return rest == 0 ||
	    (n->address[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

int
network_read_list(struct networks *all, const char *list, char *err,
    size_t errlen)
{
	size_t len;

	for (all->count = 0; *list != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (all->count == NETWORKS_MAX ||
		    !network_read(list, len, &all->network[all->count])) {
			snprintf(err, errlen,
			    "%.*s: use networks like 10.1.0.0/16,fd00::/8, "
			    "%d at most",
			    (int)len, list, NETWORKS_MAX);
			return -1;
		}
		all->count++;
	}
	return 0;
}

int
network_address(const struct sockaddr *address, unsigned char *bytes)
{
	struct sockaddr_in  in4;
	struct sockaddr_in6 in6;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&in4, address, sizeof(in4));
		memcpy(bytes, &in4.sin_addr, 4);
		return AF_INET;
	case AF_INET6:
		memcpy(&in6, address, sizeof(in6));
		memcpy(bytes, &in6.sin6_addr, 16);
		return AF_INET6;
	default:
		return AF_UNSPEC;
	}
}

int
network_unmap(int family, unsigned char *address)
{
	if (family != AF_INET6 || memcmp(address, mapped, sizeof(mapped)) != 0)
		return family;
	memmove(address, address + sizeof(mapped), 4);
	return AF_INET;
}

bool
network_in_list(const struct networks *all, int family,
    const unsigned char *address)
{
	size_t i;

	for (i = 0; i < all->count; i++)
		if (network_contains(&all->network[i], family, address))
			return true;
	return false;
}

void
network_source(int family, const unsigned char *address, char *text)
{
	unsigned char part[NETWORK_ADDRESS] = { 0 };

	if (family == AF_UNSPEC) {
		strcpy(text, "?");
		return;
	}
	memcpy(part, address, family == AF_INET ? 4 : 8);
	if (inet_ntop(family, part, text, NETWORK_TEXT) == NULL)
		abort();
	if (family == AF_INET6)
		strcat(text, "/64");
}
