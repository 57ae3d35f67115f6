/*
 * Unit test of network.c: networks as an operator writes them, and who is meant
 * by an address.
 */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "network.h"
#include "unit.h"

static char err[128];

static const char *
source(const char *text)
{
	static char	    answer[NETWORK_TEXT];
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in  in4 = { .sin_family = AF_INET };
	struct sockaddr	    plain = { .sa_family = AF_UNIX };
	const void	   *address = &plain;
	unsigned char	    bytes[NETWORK_ADDRESS];
	int		    family;

	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		address = &in4;
	else if (inet_pton(AF_INET6, text, &in6.sin6_addr) == 1)
		address = &in6;
	family = network_address(address, bytes);
	family = network_unmap(family, bytes);
	network_source(family, bytes, answer);
	return answer;
}

static void
test_a_source_is_an_address_or_what_a_customer_has(void)
{
	CHECK_STR(source("192.0.2.7"), "192.0.2.7");
	CHECK_STR(source("::ffff:192.0.2.7"), "192.0.2.7");
	CHECK_STR(source("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
	CHECK_STR(source("2001:db8:1:2:ffff::1"), "2001:db8:1:2::/64");
	CHECK_STR(source("::1"), "::/64");
	CHECK_STR(source("a path"), "?");
}

static void
test_a_list_of_networks_is_read(void)
{
	struct networks all;
	unsigned char	a[NETWORK_ADDRESS];

	CHECK(network_read_list(&all, "", err, sizeof(err)) == 0);
	CHECK(all.count == 0);
	CHECK(network_read_list(&all, "10.1.0.0/16,::1,fd00::/8", err,
		  sizeof(err)) == 0);
	CHECK(all.count == 3);
	inet_pton(AF_INET, "10.1.255.9", a);
	CHECK(network_in_list(&all, AF_INET, a));
	inet_pton(AF_INET, "10.2.0.0", a);
	CHECK(!network_in_list(&all, AF_INET, a));
	inet_pton(AF_INET6, "fd12::9", a);
	CHECK(network_in_list(&all, AF_INET6, a));
	inet_pton(AF_INET6, "::2", a);
	CHECK(!network_in_list(&all, AF_INET6, a));
	CHECK(!network_in_list(&all, AF_UNSPEC, a));
}

static void
test_what_is_no_network_is_named(void)
{
	static const char *const bad[] = { "10.0.0.0/33", "10.0.0/8", "host",
		"10.0.0.0/8,,10.0.0.1", "10.0.0.0/", "fd00::/129",
		"10.0.0.1/-1" };
	struct networks		 all;
	size_t			 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unit_case = bad[i];
		CHECK(network_read_list(&all, bad[i], err, sizeof(err)) == -1);
		CHECK_HAS(err, "use networks like");
	}
}

int
main(void)
{
	RUN(test_a_source_is_an_address_or_what_a_customer_has);
	RUN(test_a_list_of_networks_is_read);
	RUN(test_what_is_no_network_is_named);
	return unit_end("test_network");
}
