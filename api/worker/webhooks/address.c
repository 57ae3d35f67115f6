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

#define ALLOWED_MAX 32
#define ADDRESS_MAX 16 /* bytes */

struct network {
	int	      family;
	unsigned char address[ADDRESS_MAX];
	int	      bits;
};

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

static struct network allowed[ALLOWED_MAX];
static size_t	      nallowed;

static bool read_network(const char *, size_t, struct network *);
static bool contains(const struct network *, int, const unsigned char *);
static bool in(const char *, int, const unsigned char *);
static bool is_public_4(const unsigned char *);
static bool is_public_6(const unsigned char *);

int
address_allow(const char *list, char *err, size_t errlen)
{
	size_t len;

	for (nallowed = 0; *list != '\0'; list += len + (list[len] == ',')) {
		len = strcspn(list, ",");
		if (nallowed == ALLOWED_MAX ||
		    !read_network(list, len, &allowed[nallowed])) {
			snprintf(err, errlen,
			    "%.*s: use networks like 10.1.0.0/16,fd00::/8, "
			    "%d at most",
			    (int)len, list, ALLOWED_MAX);
			return -1;
		}
		nallowed++;
	}
	return 0;
}

bool
address_permitted(const struct sockaddr *address)
{
	unsigned char bytes[ADDRESS_MAX];
	size_t	      i;

	if (address->sa_family == AF_INET) {
		struct sockaddr_in in4;

		memcpy(&in4, address, sizeof(in4));
		memcpy(bytes, &in4.sin_addr, 4);
	} else if (address->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, address, sizeof(in6));
		memcpy(bytes, &in6.sin6_addr, 16);
	} else
		return false;
	for (i = 0; i < nallowed; i++)
		if (contains(&allowed[i], address->sa_family, bytes))
			return true;
	return address->sa_family == AF_INET ? is_public_4(bytes) :
					       is_public_6(bytes);
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

	return read_network(text, strlen(text), &n) &&
	    contains(&n, family, bytes);
}

/* "10.0.0.0/8"; without a length it is one address. */
static bool
read_network(const char *text, size_t len, struct network *n)
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

static bool
contains(const struct network *n, int family, const unsigned char *bytes)
{
	int whole = n->bits / 8, rest = n->bits % 8;

	if (n->family != family ||
	    memcmp(n->address, bytes, (size_t)whole) != 0)
		return false;
	return rest == 0 ||
	    (n->address[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}
