/*
 * casework-worker: what happens without a request. Commands: `status` writes
 * the status files once, `publish` is the operator's.
 */
#include <stdio.h>
#include <string.h>

#include "status.h"

static const struct {
	const char *name;
	int (*run)(int, char **);
	const char *meaning;
} commands[] = {
	{ "status", status_once_command,
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
