/*
 * IP addresses and networks.
 */
#ifndef CASEWORK_NETWORK_H
#define CASEWORK_NETWORK_H

#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>

#define NETWORKS_MAX	32
#define NETWORK_ADDRESS 16 /* bytes */
#define NETWORK_TEXT	64 /* bytes of an address as text, with its NUL */

struct network {
	int	      family; /* AF_INET or AF_INET6 */
	unsigned char address[NETWORK_ADDRESS];
	int	      bits;
};

struct networks {
	size_t	       count;
	struct network network[NETWORKS_MAX];
};

/* "10.0.0.0/8"; without a length it is one address. */
bool network_read(const char *text, size_t len, struct network *);
/* address has the bytes of the family. */
bool network_contains(const struct network *, int family,
    const unsigned char *address);
/*
 * Reads "127.0.0.0/8,fd00::/8", or "". 0, or -1 with a line in err.
 */
int network_read_list(struct networks *, const char *list, char *err,
    size_t errlen);
/* The bytes of an address, and its family; AF_UNSPEC if it is neither. */
int network_address(const struct sockaddr *, unsigned char *address);
/*
 * An IPv4 address that came over an IPv6 socket (::ffff:0:0/96) becomes one of
 * IPv4 again; the others stay. The family it then has.
 */
int  network_unmap(int family, unsigned char *address);
bool network_in_list(const struct networks *, int family,
    const unsigned char *address);
/*
 * Who is meant by an address where things are shared out: one address of IPv4,
 * a /64 of IPv6, which is what one customer gets. To text, NETWORK_TEXT bytes.
 */
void network_source(int family, const unsigned char *address, char *text);

#endif
