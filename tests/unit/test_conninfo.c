/*
 * Unit test of conninfo.c: what a connection is told that DATABASE_URL leaves
 * open, and what it does not.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "conninfo.h"
#include "unit.h"

/* The port of a server that says nothing. */
static unsigned
listen_silently(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t	   len = sizeof(at);
	int		   fd = socket(AF_INET, SOCK_STREAM, 0);

	CHECK(bind(fd, (struct sockaddr *)&at, len) == 0);
	CHECK(listen(fd, 8) == 0);
	CHECK(getsockname(fd, (struct sockaddr *)&at, &len) == 0);
	return ntohs(at.sin_port);
}

static bool
is_told(PGconn *pg, const char *keyword, const char *value)
{
	PQconninfoOption *options = PQconninfo(pg), *o = options;
	bool		  told;

	while (strcmp(o->keyword, keyword) != 0)
		o++;
	told = o->val != NULL && strcmp(o->val, value) == 0;
	PQconninfoFree(options);
	return told;
}

static void
test_defaults_give_way_to_the_url_and_the_role_does_not(void)
{
	struct host_turn turn = { 0 };
	char		 url[256], err[256];
	PGconn		*pg;

	snprintf(url, sizeof(url),
	    "postgresql://somebody:secret@127.0.0.1:%u/casework"
	    "?keepalives_idle=9&target_session_attrs=primary",
	    listen_silently());
	CHECK(conninfo_load(url, err, sizeof(err)) == 0);
	pg = conninfo_start("contact", "test", &turn, err, sizeof(err));
	CHECK(pg != NULL);
	CHECK(is_told(pg, "keepalives_idle", "9"));
	CHECK(is_told(pg, "keepalives_interval", "2"));
	CHECK(is_told(pg, "keepalives_count", "3"));
	CHECK(is_told(pg, "tcp_user_timeout", "10000"));
	CHECK(is_told(pg, "user", "casework_contact"));
	CHECK(!is_told(pg, "password", "secret"));
	CHECK(is_told(pg, "dbname", "casework"));
	PQfinish(pg);
}

int
main(void)
{
	RUN(test_defaults_give_way_to_the_url_and_the_role_does_not);
	return unit_end("test_conninfo");
}
