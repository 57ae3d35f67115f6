/*
 * The command line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "complain.h"
#include "config.h"
#include "db_check.h"
#include "operation.h"
#include "route.h"
#include "start.h"
#include "statement.h"
#include "version.h"
#include "wall_clock.h"

static int check(int, char **);
static int routes(int, char **);
static int statement(int, char **);
static int settings(int, char **);
static int version(int, char **);
static int help(int, char **);

static const struct {
	const char *name, *usage;
	int (*run)(int, char **); /* the exit code; NULL: main.c goes on */
} commands[] = {
	{ "serve", "serve", NULL },
	{ "check",
	    "check                 document, statements and (with "
	    "DATABASE_URL) the database",
	    check },
	{ "routes", "routes                what the document derives to",
	    routes },
	{ "statement", "statement NAME        what is sent for an operation",
	    statement },
	{ "settings", "settings              a file of them, for systemd",
	    settings },
	{ "version", "version", version },
	{ "--version", "--version", version },
	{ "help", "help", help },
};

#define NCOMMANDS (sizeof(commands) / sizeof(commands[0]))

static char err[1024];

int
commands_run(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		if (argc > 1 && strcmp(argv[1], commands[i].name) == 0)
			break;
	if (i == NCOMMANDS && argc > 1) {
		snprintf(err, sizeof(err),
		    "there is no command %s: try casework help", argv[1]);
		return complain(err);
	}
	/* Which version this is can be asked with any settings. */
	if ((i == NCOMMANDS || commands[i].run != version) &&
	    config_load(err, sizeof(err)) == -1)
		return complain(err);
	if (i == NCOMMANDS)
		return help(argc, argv) + 1;
	return commands[i].run == NULL ? -1 : commands[i].run(argc, argv);
}

static int
help(int argc, char **argv)
{
	size_t i;

	(void)argc;
	(void)argv;
	printf("usage: casework COMMAND\n\n");
	for (i = 0; i < NCOMMANDS; i++)
		printf("  %s\n", commands[i].usage);
	printf("\nsettings (environment):\n");
	config_help();
	return 0;
}

static int
settings(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	config_print();
	return 0;
}

static int
version(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	printf("casework %s\n", version_text);
	return 0;
}

static int
check(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (start_contract(err, sizeof(err)) == -1)
		return complain(err);
	if (*config.database.url != '\0' && db_check() == -1)
		return 1;
	printf("%zu operations and %zu statements agree%s\n", operation_count(),
	    statement_count(),
	    *config.database.url == '\0' ? "" :
					   " and prepare under every role");
	return 0;
}

static int
routes(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (start_contract(err, sizeof(err)) == -1)
		return complain(err);
	route_print();
	return 0;
}

/* Without the lines that depend on the request; parameters by name. */
static int
statement(int argc, char **argv)
{
	const struct statement *s;

	if (start_contract(err, sizeof(err)) == -1)
		return complain(err);
	s = argc == 3 ? statement_find(argv[2]) : NULL;
	if (s == NULL) {
		snprintf(err, sizeof(err), "%s",
		    argc == 3 ? "there is no such statement" :
				"usage: casework statement NAME");
		return complain(err);
	}
	statement_print(s);
	return 0;
}
