/*
 * Unit test of settings_url.c: what is taken and how it is written then, what
 * is refused and with which words.
 */
#include <stdlib.h>

#include "settings_url.h"
#include "unit.h"

static char err[1024];

/* A setting lives as long as its program: so do these. */
static const char *
keep(const char *setting)
{
	static const char *kept[200];
	static size_t	   count;

	if (count < sizeof(kept) / sizeof(kept[0]))
		kept[count++] = setting;
	return setting;
}

static const char *
url(const char *value)
{
	*err = '\0';
	return settings_url_read("X_URL", &value, err, sizeof(err)) == -1 ?
	    NULL :
	    keep(value);
}

static void
test_what_means_the_same_is_written_in_one_way(void)
{
	static const char *const urls[][2] = { { "", "" },
		{ "https://desk.example", "https://desk.example" },
		{ "https://desk.example/", "https://desk.example" },
		{ "HTTPS://Desk.Example//", "https://desk.example" },
		{ "Http://10.0.0.7:8080/", "http://10.0.0.7:8080" },
		{ "https://desk.example/Api/V0/",
		    "https://desk.example/Api/V0" },
		{ "https://a_b.example/~x/%2F;y=1,2",
		    "https://a_b.example/~x/%2F;y=1,2" },
		{ "http://[::1]:81/a/", "http://[::1]:81/a" },
		{ "http://[2001:DB8::1]", "http://[2001:db8::1]" },
		{ "http://localhost.", "http://localhost." } };
	size_t			 i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		unit_case = urls[i][0];
		CHECK_STR(url(urls[i][0]), urls[i][1]);
	}
}

static void
test_what_no_path_can_follow_is_refused(void)
{
	static const char *const urls[][2] = { { "desk.example", "begin with" },
		{ "ftp://desk.example", "begin with" },
		{ "https:/desk.example", "begin with" },
		{ "https://", "no host" }, { "https:///x", "no host" },
		{ "https://:443", "no host" }, { "https://a..b", "no host" },
		{ "https://.a", "no host" }, { "https://a b", "no host" },
		{ "https://a\"b", "no host" }, { "https://a\\b", "no host" },
		{ "https://\xc3\xa9.example", "no host" },
		{ "https://u:p@desk.example", "password" },
		{ "https://u@desk.example/x", "password" },
		{ "https://desk.example?x", "query" },
		{ "https://desk.example/?", "query" },
		{ "https://desk.example/x#", "fragment" },
		{ "https://desk.example/#/x", "fragment" },
		{ "https://::1", "brackets" }, { "https://[::1", "brackets" },
		{ "https://[]", "brackets" }, { "https://[::g]", "brackets" },
		{ "https://[::1]x", "port" }, { "https://a:", "port" },
		{ "https://a:0", "port" }, { "https://a:65536", "port" },
		{ "https://a:8o", "port" }, { "https://a:000080", "port" },
		{ "https://a/b c", "characters" },
		{ "https://a/<b>", "characters" },
		{ "https://a/b\nc", "characters" },
		{ "https://a/%", "characters" },
		{ "https://a/%2x", "characters" },
		{ "https://a/b//c", "without text" },
		{ "https://a//c", "without text" }, { "https://a/./c", "dots" },
		{ "https://a/b/..", "dots" } };
	char			 text[700];
	size_t			 i;

	for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		unit_case = urls[i][0];
		CHECK(url(urls[i][0]) == NULL);
		CHECK(strncmp(err, "X_URL=", 6) == 0);
		CHECK_HAS(err, urls[i][1]);
	}
	memset(text, 'x', sizeof(text));
	memcpy(text, "https://", 8);
	text[sizeof(text) - 1] = '\0';
	CHECK(url(text) == NULL);
	CHECK_HAS(err, "too long");
}

static const char *
origins(const char *value)
{
	int status = settings_url_read_origins("X", &value, err, sizeof(err));

	(void)keep(value);
	return status == -1 ? NULL : value;
}

static void
test_origins_are_written_as_browsers_do(void)
{
	static const char *const lists[][2] = { { "", "" }, { "*", "*" },
		{ "HTTPS://Portal.Example/, http://A.example:80",
		    "https://portal.example,http://a.example" },
		{ "https://a.example:443", "https://a.example" },
		{ "https://a.example:80", "https://a.example:80" },
		{ "http://[::1]:81", "http://[::1]:81" },
		{ "app://a.example:443", "app://a.example:443" },
		{ "foo", NULL }, { "null", NULL }, { "https://", NULL },
		{ "https:///", NULL }, { "https://a/x", NULL },
		{ "https://a//", NULL }, { "https://a?x", NULL },
		{ "https://u@a", NULL }, { "https://a.example,b", NULL } };
	size_t			 i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		unit_case = lists[i][0];
		CHECK_STR(origins(lists[i][0]), lists[i][1]);
	}
}

static const char *
made(const char *bind)
{
	static char text[100];

	settings_url_read_bind(&bind);
	(void)keep(bind);
	settings_url_make(text, sizeof(text), bind, "80");
	return text;
}

static void
test_an_address_of_ipv6_stands_in_brackets(void)
{
	CHECK_STR(made("127.0.0.1"), "http://127.0.0.1:80");
	CHECK_STR(made("localhost"), "http://localhost:80");
	CHECK_STR(made("::1"), "http://[::1]:80");
	CHECK_STR(made("[::1]"), "http://[::1]:80");
	CHECK_STR(made("0.0.0.0"), "http://127.0.0.1:80");
	CHECK_STR(made("::"), "http://[::1]:80");
	CHECK_STR(made("[::]"), "http://[::1]:80");
	CHECK_STR(made("2001:db8::7"), "http://[2001:db8::7]:80");
}

int
main(void)
{
	RUN(test_what_means_the_same_is_written_in_one_way);
	RUN(test_what_no_path_can_follow_is_refused);
	RUN(test_origins_are_written_as_browsers_do);
	RUN(test_an_address_of_ipv6_stands_in_brackets);
	return unit_end("settings_url");
}
