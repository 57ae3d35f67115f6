/*
 * Running imports: lease one, read its file, have its lines done, say that it
 * is over. What a worker that dies meanwhile leaves behind is free with the end
 * of its session; the next one goes on behind the last line that has a result.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "import_job.h"
#include "import_trouble.h"
#include "imports.h"
#include "json.h"
#include "json_pointer.h"
#include "lease.h"
#include "session.h"
#include "stopping.h"
#include "thread_log.h"
#include "wake.h"

#define LOOK_MS 500 /* between two looks when nobody wakes it */
#define JOB	"import"

static const char lease_one[] =
    "select id, lease, kind, media_type, at_line, lines"
    " from rules.lease_import($1::int) where id is not null";
static const char settle_one[] =
    "select rules.settle_import($1::bigint, $2::timestamptz, $3)";
static const char release_one[] =
    "select rules.release_import($1::bigint, $2::timestamptz)";

enum column { ID, LEASE, KIND, MEDIA_TYPE, AT_LINE, LINES };

/* What can be imported, and the schema of a record of it in the document. */
static struct {
	const char	    *name, *where;
	const struct schema *schema;
} kinds[] = {
	{ "districts", "/components/schemas/import_district", NULL },
	{ "sites", "/components/schemas/import_site", NULL },
	{ "contacts", "/components/schemas/import_contact", NULL },
	{ "staff", "/components/schemas/import_staff", NULL },
	{ "partners", "/components/schemas/import_partner", NULL },
	{ "assignments", "/components/schemas/import_assignment", NULL },
	{ "cases", "/components/schemas/import_case", NULL },
	{ "notes", "/components/schemas/import_note", NULL },
};

#define NKINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *const outcomes[] = {
	[IMPORT_FINISHED] = "finished",
	[IMPORT_FAILED] = "failed",
	[IMPORT_STOPPED] = "left to another worker",
	[IMPORT_LOST] = "no longer ours",
};

static const struct imports_settings *settings;

static bool		    run_one(struct session *);
static void		    end(struct import_job *, enum import_end);
static const struct schema *schema_of(const char *);

int
imports_init(const struct imports_settings *given, const char *document,
    size_t len, char *err, size_t errlen)
{
	json_t *root = json_parse_strict(document, len, err, errlen);
	size_t	i;

	settings = given;
	for (i = 0; root != NULL && i < NKINDS; i++) {
		kinds[i].schema =
		    schema_compile(root, json_pointer_get(root, kinds[i].where),
			kinds[i].where, err, errlen);
		if (kinds[i].schema == NULL)
			break;
	}
	json_decref(root);
	return root != NULL && i == NKINDS ? 0 : -1;
}

void *
imports_run(void *arg)
{
	struct session s = { .name = JOB };
	unsigned long  count;

	(void)arg;
	if (settings->batch == 0)
		return NULL;
	while (!stopping()) {
		count = wake_count();
		if (!session_up(&s) || !run_one(&s))
			wake_wait(count, LOOK_MS);
	}
	session_close(&s);
	return NULL;
}

/* Whether there was one. */
static bool
run_one(struct session *s)
{
	struct lease	  taken = lease_take(s, lease_one, settings->lease);
	char		  seconds[24];
	struct import_job job = { .session = s,
		.seconds = seconds,
		.batch = (size_t)settings->batch,
		.lasts = settings->lease * 1000000,
		.lease_ends = taken.ends };

	if (taken.row == NULL)
		return false;
	snprintf(seconds, sizeof(seconds), "%ld", settings->lease);
	snprintf(job.id, sizeof(job.id), "%s", lease_value(&taken, ID));
	snprintf(job.lease, sizeof(job.lease), "%s",
	    lease_value(&taken, LEASE));
	job.schema = schema_of(lease_value(&taken, KIND));
	job.is_csv = strcmp(lease_value(&taken, MEDIA_TYPE), "text/csv") == 0;
	job.at_line = atoi(lease_value(&taken, AT_LINE));
	job.counted = lease_value(&taken, LINES) != NULL;
	lease_free(&taken);
	end(&job, import_job_run(&job));
	return true;
}

static void
end(struct import_job *job, enum import_end how)
{
	const char *params[] = { job->id, job->lease,
		how == IMPORT_FAILED ? job->failure : NULL };
	const char *refused;
	PGresult   *result = NULL;

	if (how == IMPORT_FINISHED || how == IMPORT_FAILED)
		result = import_insist(job->session, job->lease_ends,
		    settle_one, 3, params, &refused);
	else if (how == IMPORT_STOPPED && session_up(job->session))
		result = session_run(job->session, release_one, 2, params);
	PQclear(result);
	counters_add(how == IMPORT_FINISHED ? JOBS_DONE : JOBS_FAILED, JOB, 1);
	thread_log("import_ended", job->id, outcomes[how]);
}

static const struct schema *
schema_of(const char *kind)
{
	size_t i = 0;

	while (i < NKINDS - 1 && strcmp(kinds[i].name, kind) != 0)
		i++;
	return kinds[i].schema;
}
