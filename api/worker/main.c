/*
 * casework-worker: what happens without a request. Commands: `status` writes
 * the status files once, `publish` is the operator's.
 */
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "status.h"

static int status(int, char **);

static const struct {
	const char *name;
	int (*run)(int, char **);
	const char *meaning;
} commands[] = {
	{ "status", status,
	    "read the status feed (DATABASE_URL) and write its files once" },
	{ "publish", status_command,
	    "publish an update of an incident without the database" },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

int
main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	for (i = 0; i < NCOMMANDS; i++)
		fprintf(stderr, "casework-worker %-8s %s\n", commands[i].name,
		    commands[i].meaning);
	return argc > 1 && strcmp(argv[1], "help") == 0 ? 0 : 2;
}

static int
status(int argc, char **argv)
{
	const char *const names[] = { "dbname", "user", NULL };
	const char *const values[] = { getenv("DATABASE_URL"),
		"casework_worker", NULL };
	char		  err[512] = "";
	PGconn		 *db;
	bool		  done;

	(void)argv;
	if (argc != 1 || values[0] == NULL) {
		fprintf(stderr, "casework-worker: %s\n",
		    argc != 1 ? "status takes no options" :
				"DATABASE_URL is not set");
		return 2;
	}
	db = PQconnectdbParams(names, values, 1);
	if (PQstatus(db) != CONNECTION_OK) {
		fprintf(stderr, "casework-worker: %s", PQerrorMessage(db));
		PQfinish(db);
		return 1;
	}
	done = status_run(db, getenv("STATUS_DIR"), err, sizeof(err));
	if (!done)
		fprintf(stderr, "casework-worker: %s\n", err);
	PQfinish(db);
	return done ? 0 : 1;
}
