/*
 * Unit test of rounds.c: which thread does not come around any more.
 */
#include <pthread.h>
#include <semaphore.h>
#include <string.h>

#include "monotonic.h"
#include "rounds.h"
#include "stopping.h"
#include "unit.h"

static sem_t begun, asked, ends;

/* A turn of it may take no time at all. */
static void *
hasty(void *arg)
{
	(void)arg;
	rounds_begin("hasty", 0);
	sem_post(&begun);
	sem_wait(&ends);
	rounds_end();
	sem_post(&asked);
	return NULL;
}

/* It asks whether to stop, and takes its time. */
static void *
patient(void *arg)
{
	rounds_begin("patient", 3600);
	*(bool *)arg = stopping();
	rounds_end();
	return NULL;
}

static void
test_one_that_takes_too_long_is_named_until_it_ends(void)
{
	const int64_t since = monotonic_us();
	pthread_t     thread;

	CHECK(rounds_overdue() == NULL);
	CHECK(pthread_create(&thread, NULL, hasty, NULL) == 0);
	sem_wait(&begun);
	while (monotonic_us() - since < 1000)
		continue;
	CHECK(rounds_overdue() != NULL &&
	    strcmp(rounds_overdue(), "hasty") == 0);
	sem_post(&ends);
	sem_wait(&asked);
	CHECK(rounds_overdue() == NULL);
	pthread_join(thread, NULL);
}

static void
test_one_that_comes_around_is_not(void)
{
	pthread_t thread;
	bool	  stops = true;

	CHECK(pthread_create(&thread, NULL, patient, &stops) == 0);
	pthread_join(thread, NULL);
	CHECK(!stops);
	CHECK(rounds_overdue() == NULL);
}

/* Of more threads than there are places, the last are not watched. */
static void
test_no_place_is_no_fault(void)
{
	pthread_t thread;
	bool	  stops;
	int	  i;

	for (i = 0; i < 100; i++) {
		CHECK(pthread_create(&thread, NULL, patient, &stops) == 0);
		pthread_join(thread, NULL);
	}
	CHECK(rounds_overdue() == NULL);
}

int
main(int argc, char **argv)
{
	(void)argc;
	sem_init(&begun, 0, 0);
	sem_init(&asked, 0, 0);
	sem_init(&ends, 0, 0);
	RUN(test_one_that_takes_too_long_is_named_until_it_ends);
	RUN(test_one_that_comes_around_is_not);
	RUN(test_no_place_is_no_fault);
	return unit_end(argv[0]);
}
