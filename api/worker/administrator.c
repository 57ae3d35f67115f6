/*
 * The work is done by rules.make_administrator, in one transaction.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "administrator.h"
#include "bounded.h"
#include "unicode.h"

#define TEXT_MAX     1000 /* bytes */
#define STATEMENT_MS 10000

static const char usage[] =
    "usage: casework-worker administrator --issuer URL --subject SUBJECT"
    " --name NAME\n"
    "           [--email ADDRESS] [--audience AUDIENCE]\n"
    "Whoever shows a token of this issuer and subject is an administrator.\n"
    "DATABASE_URL is the owner's, as for sql/migrate.sh. AUDIENCE is casework\n"
    "unless it is said.\n";

enum argument { ISSUER, AUDIENCE, SUBJECT, NAME, EMAIL, OPTIONS };

static const struct option names[] = {
	[ISSUER] = { "issuer", required_argument, NULL, ISSUER },
	[AUDIENCE] = { "audience", required_argument, NULL, AUDIENCE },
	[SUBJECT] = { "subject", required_argument, NULL, SUBJECT },
	[NAME] = { "name", required_argument, NULL, NAME },
	[EMAIL] = { "email", required_argument, NULL, EMAIL },
	[OPTIONS] = { NULL, 0, NULL, 0 },
};

static bool read_options(int, char **, const char **);
static int  make(const char *const *);
static int  complain(const char *);

int
administrator_command(int argc, char **argv)
{
	const char *values[OPTIONS] = { [AUDIENCE] = "casework" };

	if (!read_options(argc, argv, values)) {
		fputs(usage, stderr);
		return 2;
	}
	return make(values);
}

/* Says what is wrong. */
static bool
read_options(int argc, char **argv, const char **values)
{
	int option, i;

	optind = 1;
	opterr = 0;
	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1 &&
	    option != '?')
		values[option] = optarg;
	if (option == '?' || optind != argc) {
		(void)complain("an option is unknown or lacks its value");
		return false;
	}
	for (i = 0; i < OPTIONS; i++) {
		if (values[i] == NULL && i == EMAIL)
			continue;
		if (values[i] != NULL && strlen(values[i]) <= TEXT_MAX &&
		    unicode_shows(values[i]) &&
		    !(unicode_holds(values[i]) & UNICODE_UNFIT))
			continue;
		fprintf(stderr,
		    "casework-worker: --%s is missing, too long, or no line "
		    "of text\n",
		    names[i].name);
		return false;
	}
	return true;
}

static int
make(const char *const *values)
{
	const char    *url = getenv("DATABASE_URL");
	struct bounded owner;
	PGresult      *res;
	char	       err[256];
	int	       code = 1;

	if (!bounded_find(&owner, url == NULL ? "" : url, NULL, err,
		sizeof(err)))
		return complain(err);
	/* The owner's statements have no limit, and nobody waits for ever. */
	owner.backend.statement_ms = STATEMENT_MS;
	PQclear(bounded_run(&owner, "set role casework_owner", 0, NULL));
	res = bounded_run(&owner,
	    "select rules.make_administrator($1, $2, $3, $4, $5)", OPTIONS,
	    values);
	if (PQresultStatus(res) == PGRES_TUPLES_OK) {
		printf("staff:%s is an administrator\n", PQgetvalue(res, 0, 0));
		code = 0;
	} else
		(void)complain(PQresultErrorField(res,
		    PG_DIAG_MESSAGE_PRIMARY));
	PQclear(res);
	bounded_close(&owner);
	return code;
}

/* One line of it. */
static int
complain(const char *why)
{
	if (why == NULL)
		why = "the connection was lost";
	fprintf(stderr, "casework-worker: %.*s\n", (int)strcspn(why, "\n"),
	    why);
	return 1;
}
