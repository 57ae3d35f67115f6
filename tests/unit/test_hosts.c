/*
 * Unit test of hosts.c: the servers of DATABASE_URL, one after the other.
 */
#include <stdlib.h>
#include <string.h>

#include "hosts.h"
#include "unit.h"

static char err[256];

static int
load(const char *url)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	int		  result;

	CHECK(options != NULL);
	result = hosts_load(options, err, sizeof(err));
	PQconninfoFree(options);
	return result;
}

/* Whose turn it is, by its port. */
static const char *
port(struct host_turn *turn)
{
	static struct host host;

	CHECK(hosts_pick(turn, &host));
	return host.port == NULL ? "" : host.port;
}

static void
test_each_server_has_its_turn_and_then_there_is_a_pause(void)
{
	struct host_turn turn = { 0 };

	CHECK(load("host=10.0.0.1,10.0.0.2,10.0.0.3 port=1,2,3") == 0);
	CHECK(strcmp(port(&turn), "1") == 0 && !hosts_failed(&turn));
	CHECK(strcmp(port(&turn), "2") == 0 && !hosts_failed(&turn));
	CHECK(strcmp(port(&turn), "3") == 0 && hosts_failed(&turn));
	CHECK(strcmp(port(&turn), "1") == 0 && !hosts_failed(&turn));
}

static void
test_after_a_loss_comes_the_next_and_not_the_first(void)
{
	struct host_turn turn = { 0 }, other = { 0 };

	CHECK(load("host=10.0.0.1,10.0.0.2,10.0.0.3 port=1,2,3") == 0);
	CHECK(strcmp(port(&turn), "1") == 0);
	hosts_found(&turn);
	hosts_lost(&turn);
	CHECK(strcmp(port(&turn), "2") == 0);
	CHECK(!hosts_failed(&turn) && !hosts_failed(&turn));
	CHECK(strcmp(port(&turn), "1") == 0 && hosts_failed(&turn));
	CHECK(strcmp(port(&turn), "2") == 0);
	hosts_found(&turn);
	CHECK(strcmp(port(&other), "2") == 0); /* who comes begins there */
}

static void
test_who_is_lost_goes_where_others_have_gone(void)
{
	struct host_turn one = { 0 }, other = { 0 };

	CHECK(load("host=10.0.0.1,10.0.0.2,10.0.0.3 port=1,2,3") == 0);
	CHECK(strcmp(port(&one), "1") == 0 && strcmp(port(&other), "1") == 0);
	hosts_found(&one);
	hosts_found(&other);
	hosts_lost(&one);
	CHECK(strcmp(port(&one), "2") == 0 && !hosts_failed(&one));
	CHECK(strcmp(port(&one), "3") == 0);
	hosts_found(&one);
	hosts_lost(&other);
	CHECK(strcmp(port(&other), "3") == 0);
}

static void
test_a_second_way_where_somebody_was_there_but_not_what_is_wanted(void)
{
	struct host_turn turn = { 0 };

	CHECK(load("host=10.0.0.1,10.0.0.2 port=1,2") == 0);
	(void)port(&turn);
	turn.unfit = true;
	CHECK(!hosts_failed(&turn) && !turn.second);
	(void)port(&turn);
	CHECK(!hosts_failed(&turn) && turn.second);
	(void)port(&turn);
	CHECK(!hosts_failed(&turn));
	(void)port(&turn);
	CHECK(hosts_failed(&turn) && !turn.second);
	CHECK(load("host=10.0.0.1 target_session_attrs=read-write") == 0);
	turn = (struct host_turn){ 0 };
	(void)port(&turn);
	turn.unfit = true;
	CHECK(hosts_failed(&turn) && !turn.second);
}

static void
test_the_second_way_begins_where_the_others_are(void)
{
	struct host_turn one = { 0 }, scout = { 0 };
	unsigned	 i;

	CHECK(load("host=10.0.0.1,10.0.0.2,10.0.0.3 port=1,2,3") == 0);
	CHECK(strcmp(port(&one), "1") == 0 && !hosts_failed(&one));
	CHECK(strcmp(port(&one), "2") == 0);
	hosts_found(&one);
	CHECK(strcmp(port(&scout), "2") == 0);
	hosts_lost(&scout);
	for (i = 0; i < 3; i++) {
		(void)port(&scout);
		scout.unfit = true;
		CHECK(!hosts_failed(&scout));
	}
	CHECK(scout.second && strcmp(port(&scout), "2") == 0);
	hosts_found(&scout);
	CHECK(!hosts_is_left(&one) && !scout.second);
}

static void
test_a_name_is_looked_up_and_an_address_is_not(void)
{
	struct host_turn turn = { 0 };
	struct host	 host;

	CHECK(load("host=localhost,db.example,/run hostaddr=,127.0.0.9,") == 0);
	CHECK(hosts_pick(&turn, &host) && turn.addresses >= 1);
	CHECK(strcmp(host.name, "localhost") == 0 && host.address != NULL);
	while (turn.host == 0)
		(void)hosts_failed(&turn);
	CHECK(hosts_pick(&turn, &host) && turn.addresses == 1);
	CHECK(strcmp(host.name, "db.example") == 0);
	CHECK(strcmp(host.address, "127.0.0.9") == 0);
	(void)hosts_failed(&turn);
	CHECK(hosts_pick(&turn, &host) && host.address == NULL);
	CHECK(strcmp(host.name, "/run") == 0);
}

static void
test_what_does_not_fit_together_is_said(void)
{
	CHECK(load("host=a,b port=1,2,3") == -1);
	CHECK(load("host=a,b hostaddr=127.0.0.1") == -1);
	CHECK(load("host=a target_session_attrs=leader") == -1);
	CHECK(strstr(err, "leader") != NULL);
	CHECK(load("host=a,b port=1") == 0);
	CHECK(load("dbname=casework") == 0);
}

static void
test_how_long_a_server_may_be_silent(void)
{
	CHECK(load("host=a") == 0 && hosts_patience() == 2000);
	CHECK(load("host=a connect_timeout=7") == 0 &&
	    hosts_patience() == 7000);
}

int
main(void)
{
	(void)unsetenv("PGHOST");
	(void)unsetenv("PGPORT");
	RUN(test_how_long_a_server_may_be_silent);
	RUN(test_each_server_has_its_turn_and_then_there_is_a_pause);
	RUN(test_after_a_loss_comes_the_next_and_not_the_first);
	RUN(test_who_is_lost_goes_where_others_have_gone);
	RUN(test_a_second_way_where_somebody_was_there_but_not_what_is_wanted);
	RUN(test_the_second_way_begins_where_the_others_are);
	RUN(test_a_name_is_looked_up_and_an_address_is_not);
	RUN(test_what_does_not_fit_together_is_said);
	return unit_end("test_hosts");
}
