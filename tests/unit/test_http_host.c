/*
 * Unit test of Host: which values name a host, with a port or without.
 */
#include "http_host.h"
#include "unit.h"

static const char *const hosts[] = { "a", "casework.example", "a_b", "a.b.",
	"127.0.0.1", "1", "a:80", "a:", "a:0", "a:00080", "a:65535",
	"xn--bcher-kva", "%41%2e", "a!$&'()*+,;=~-._", "[::1]", "[::1]:80",
	"[2001:db8::7]", "[::ffff:10.0.0.1]:8080", "[1:2:3:4:5:6:7:8]",
	"[v1.a:b]", "[vF.x]:1" };

static const char *const others[] = { "", ":80", "a:b", "a:80b", "a:-1", "a:+1",
	"a: 80", "a:65536", "a:99999999999999999999", "a:80:80", "a b", " a",
	"a/b", "a?b", "a#b", "a\\b", "u@a", "u:p@a", "<a>", "a\"b", "a{b",
	"a|b", "a^b", "a`b", "a\tb", "a\x7f", "a\xc3\xa9", "a%", "a%4", "a%zz",
	"%", "::1", "[::1", "::1]", "[]", "[a]", "[1.2.3.4]", "[::1]a",
	"[::1]80", "[::1]:b", "[::1%25eth0]", "[::1%eth0]", "[:::]",
	"[1:2:3:4:5:6:7]", "[[::1]]", "[::1]]", "a[::1]", "[v.a]", "[v1]",
	"[v1.]", "[v1.a/b]", "[g1.a]",
	"[00000:00000:00000:00000:00000:00000:00000:00000:00000:00000:00000]" };

static void
test_a_host_has_a_port_or_none(void)
{
	size_t i;

	for (i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		unit_case = hosts[i];
		CHECK(http_is_host(hosts[i], strlen(hosts[i])));
	}
}

static void
test_anything_else_is_none(void)
{
	size_t i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		unit_case = others[i];
		CHECK(!http_is_host(others[i], strlen(others[i])));
	}
	unit_case = "a NUL";
	CHECK(!http_is_host("a\0b", 3));
}

/* What follows is not looked at: the text is part of a longer one. */
static void
test_it_ends_where_it_is_told_to(void)
{
	CHECK(http_is_host("a:80/x", 4));
	CHECK(http_is_host("a:8b", 3));
	CHECK(!http_is_host("a%41", 3));
	CHECK(!http_is_host("[::1]", 4));
}

int
main(void)
{
	RUN(test_a_host_has_a_port_or_none);
	RUN(test_anything_else_is_none);
	RUN(test_it_ends_where_it_is_told_to);
	return unit_end("http_host");
}
