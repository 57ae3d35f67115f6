/*
 * Unit test of address.c: where the service connects to when somebody else
 * names the host.
 */
#include <sys/un.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "address.h"
#include "unit.h"

static char	       err[256];
static struct networks allowed;

static bool
judge(bool (*with)(const struct networks *, const struct sockaddr *),
    const char *text)
{
	struct sockaddr_in  in4 = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };

	unit_case = text;
	if (inet_pton(AF_INET, text, &in4.sin_addr) == 1)
		return with(&allowed, (struct sockaddr *)&in4);
	CHECK(inet_pton(AF_INET6, text, &in6.sin6_addr) == 1);
	return with(&allowed, (struct sockaddr *)&in6);
}

static bool
permitted(const char *text)
{
	return judge(address_permitted, text);
}

static bool
inside(const char *text)
{
	return judge(address_inside, text);
}

static void
test_public_addresses_are_permitted(void)
{
	static const char *const good[] = { "1.1.1.1", "8.8.8.8",
		"9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0",
		"126.255.255.255", "128.0.0.0", "169.253.255.255",
		"172.15.255.255", "172.32.0.0", "192.167.255.255",
		"192.169.0.0", "198.17.255.255", "198.20.0.0",
		"223.255.255.255", "2606:4700::1111", "2001:4860:4860::8888",
		"2a00::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8",
		"2002:808:808::1" };
	size_t			 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		CHECK(permitted(good[i]));
}

static void
test_all_others_are_not(void)
{
	static const char *const bad[] = { "0.0.0.0", "0.1.2.3", "10.0.0.0",
		"10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.1",
		"127.255.255.255", "169.254.0.0", "169.254.169.254",
		"172.16.0.0", "172.31.255.255", "192.0.0.1", "192.0.2.1",
		"192.88.99.1", "192.168.0.1", "198.18.0.1", "198.19.255.255",
		"198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255",
		"240.0.0.1", "255.255.255.255", "::", "::1", "::127.0.0.1",
		"::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
		"64:ff9b::127.0.0.1", "64:ff9b:1::1", "100::1",
		"2002:7f00:1::1", "2002:a00:1::1", "2001::1",
		"2001:0:4136:e378::1", "2001:db8::1", "3fff::1", "5f00::1",
		"fc00::1", "fd00:ec2::254", "fe80::1", "fec0::1", "ff02::1" };
	size_t			 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		CHECK(!permitted(bad[i]));
}

static void
test_other_families_are_not(void)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	CHECK(!address_permitted(&allowed, (struct sockaddr *)&un));
	CHECK(!address_inside(&allowed, (struct sockaddr *)&un));
}

static void
test_what_the_operator_allows(void)
{
	CHECK(network_read_list(&allowed, "10.1.0.0/16,192.168.7.9,fd00::/9",
		  err, sizeof(err)) == 0);
	CHECK(permitted("10.1.255.1") && !permitted("10.2.0.1"));
	CHECK(permitted("192.168.7.9") && !permitted("192.168.7.8"));
	CHECK(permitted("fd00::1") && !permitted("fd80::1"));
	CHECK(!permitted("::ffff:10.1.0.1"));
	CHECK(permitted("8.8.8.8"));
	CHECK(inside("10.1.255.1") && inside("fd00::1"));
	CHECK(!inside("10.2.0.1") && !inside("8.8.8.8"));
	CHECK(network_read_list(&allowed, "", err, sizeof(err)) == 0);
	CHECK(!permitted("10.1.255.1") && !inside("10.1.255.1"));
}

static void
test_networks_that_are_none(void)
{
	static const char *const bad[] = { "10.0.0.0/33", "10.0.0.0/-1",
		"10.0.0.0/", "10.0.0.0/8x", "10.0.0/8", "::/129", "localhost",
		",", "10.0.0.0/8,,", "10.0.0.0/8 ",
		"1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/64" };
	size_t			 i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unit_case = bad[i];
		err[0] = '\0';
		CHECK(network_read_list(&allowed, bad[i], err, sizeof(err)) ==
		    -1);
		CHECK_HAS(err, "use networks like");
	}
}

int
main(int argc, char **argv)
{
	(void)argc;
	RUN(test_public_addresses_are_permitted);
	RUN(test_all_others_are_not);
	RUN(test_other_families_are_not);
	RUN(test_what_the_operator_allows);
	RUN(test_networks_that_are_none);
	return unit_end(argv[0]);
}
