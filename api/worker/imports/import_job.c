/*
 * Lines go to PostgreSQL some hundred at a time, in one round trip and one
 * transaction that holds their results too (rules.import_lines). Memory has one
 * piece of the file and one batch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "counters.h"
#include "import_job.h"
#include "import_trouble.h"
#include "monotonic.h"
#include "stopping.h"
#include "thread_log.h"

#define BATCH_BYTES 262144
#define ATTEMPTS    5 /* of one line by itself */

static const char get_part[] = "select rules.import_part($1::bigint, $2::int)";
static const char say_counted[] =
    "select rules.import_counted($1::bigint, $2::timestamptz, $3::int,"
    " $4::int)";
static const char do_lines[] =
    "select state, taken, renewed, created, updated, unchanged, failed, faults"
    " from rules.import_lines($1::bigint, $2::timestamptz, $3::int,"
    " $4::jsonb)";

enum column {
	STATE,
	TAKEN,
	RENEWED,
	CREATED,
	UPDATED,
	UNCHANGED,
	FAILED,
	FAULTS
};

/* Of the lines that wait. */
struct tries {
	size_t lines; /* how many at a time */
	int    alone; /* attempts with the first one by itself */
	int    pause_ms;
};

/* What of a record is done: IMPORT_FINISHED to go on. */
typedef enum import_end record_fn(struct import_job *,
    const struct import_file *, const struct import_record *);

static enum import_end walk(struct import_job *, record_fn *);
static enum import_end read_part(struct import_job *, struct import_file *,
    int);
static record_fn       count_record, take_record;
static enum import_end report_count(struct import_job *);
static enum import_end without_result(struct import_job *, const char *);
static enum import_end flush(struct import_job *);
static PGresult	      *send(struct import_job *, size_t);
static enum import_end read_results(struct import_job *, const PGresult *);
static enum import_end try_less(struct import_job *, struct tries *);
static enum import_end refuse_first(struct import_job *, const char *);
static void	       give_up_first(struct import_job *, const char *);
static void	       renew(struct import_job *, const char *);

enum import_end
import_job_run(struct import_job *job)
{
	enum import_end end = IMPORT_FINISHED;

	if (!job->counted)
		end = walk(job, count_record);
	if (!job->counted && end == IMPORT_FINISHED)
		end = report_count(job);
	if (end != IMPORT_FINISHED)
		return end;
	job->waiting = json_array();
	end = walk(job, take_record);
	if (end == IMPORT_FINISHED)
		end = flush(job);
	json_decref(job->waiting);
	return end;
}

/* Each record of the file, from the first. */
static enum import_end
walk(struct import_job *job, record_fn *each)
{
	struct import_file   file;
	struct import_record record;
	enum import_end	     end = IMPORT_FINISHED;
	enum import_found    found = IMPORT_MORE;
	int		     part = 1;

	import_file_init(&file, job->is_csv, job->schema);
	while (end == IMPORT_FINISHED && found != IMPORT_END) {
		found = import_file_next(&file, &record);
		if (found == IMPORT_MORE) {
			end = read_part(job, &file, part++);
		} else if (found == IMPORT_RECORD) {
			end = each(job, &file, &record);
		} else if (found == IMPORT_BROKEN) {
			snprintf(job->failure, sizeof(job->failure), "%s",
			    record.fault);
			end = IMPORT_FAILED;
		}
	}
	import_file_free(&file);
	return end;
}

static enum import_end
read_part(struct import_job *job, struct import_file *file, int number)
{
	char	       text[24];
	const char    *params[] = { job->id, text }, *fault, *refused;
	PGresult      *result;
	unsigned char *bytes;
	size_t	       len;

	if (stopping())
		return IMPORT_STOPPED;
	snprintf(text, sizeof(text), "%d", number);
	result = import_insist(job->session, job->lease_ends, get_part, 2,
	    params, &refused);
	if (result == NULL)
		return without_result(job, refused);
	if (PQgetisnull(result, 0, 0)) {
		fault = import_text_end(&file->text);
	} else {
		bytes =
		    PQunescapeBytea((const unsigned char *)PQgetvalue(result, 0,
					0),
			&len);
		if (bytes == NULL)
			abort();
		fault = import_text_add(&file->text, (const char *)bytes, len);
		PQfreemem(bytes);
	}
	PQclear(result);
	if (fault == NULL)
		return IMPORT_FINISHED;
	snprintf(job->failure, sizeof(job->failure), "%s", fault);
	return IMPORT_FAILED;
}

static enum import_end
count_record(struct import_job *job, const struct import_file *file,
    const struct import_record *record)
{
	(void)file;
	job->lines = record->line;
	return IMPORT_FINISHED;
}

static enum import_end
report_count(struct import_job *job)
{
	char	    lines[24];
	const char *params[] = { job->id, job->lease, lines, job->seconds };
	const char *refused;
	PGresult   *result;
	bool	    ours;

	snprintf(lines, sizeof(lines), "%d", job->lines);
	result = import_insist(job->session, job->lease_ends, say_counted, 4,
	    params, &refused);
	if (result == NULL)
		return without_result(job, refused);
	ours = !PQgetisnull(result, 0, 0);
	if (ours)
		renew(job, PQgetvalue(result, 0, 0));
	PQclear(result);
	return ours ? IMPORT_FINISHED : IMPORT_LOST;
}

static enum import_end
take_record(struct import_job *job, const struct import_file *file,
    const struct import_record *record)
{
	if (record->line <= job->at_line)
		return IMPORT_FINISHED;
	json_array_append_new(job->waiting, import_file_line(file, record));
	job->bytes += record->len;
	if (json_array_size(job->waiting) < job->batch &&
	    job->bytes < BATCH_BYTES)
		return IMPORT_FINISHED;
	return flush(job);
}

static enum import_end
without_result(struct import_job *job, const char *refused)
{
	if (refused == NULL)
		return stopping() ? IMPORT_STOPPED : IMPORT_LOST;
	snprintf(job->failure, sizeof(job->failure),
	    "The database refuses to go on with this file (SQLSTATE %s); "
	    "the service is at fault.",
	    refused);
	return IMPORT_FAILED;
}

/* Until none waits. */
static enum import_end
flush(struct import_job *job)
{
	struct tries	tries = { .lines = job->batch };
	enum import_end end = IMPORT_FINISHED;
	size_t		waiting;
	PGresult       *result;

	while (end == IMPORT_FINISHED &&
	    (waiting = json_array_size(job->waiting)) > 0) {
		if (stopping())
			return IMPORT_STOPPED;
		if (monotonic_us() > job->lease_ends)
			return IMPORT_LOST;
		if (tries.lines > waiting)
			tries.lines = waiting;
		result =
		    session_up(job->session) ? send(job, tries.lines) : NULL;
		if (result != NULL) {
			end = read_results(job, result);
			PQclear(result);
			tries = (struct tries){ .lines = job->batch };
		} else {
			end = try_less(job, &tries);
		}
	}
	job->bytes = 0;
	return end;
}

static PGresult *
send(struct import_job *job, size_t n)
{
	json_t	   *some = json_array();
	const char *params[] = { job->id, job->lease, job->seconds, NULL };
	char	   *text;
	PGresult   *result;
	size_t	    i;

	for (i = 0; i < n; i++)
		json_array_append(some, json_array_get(job->waiting, i));
	text = json_dumps(some, JSON_COMPACT);
	json_decref(some);
	params[3] = text;
	result = session_run(job->session, do_lines, 4, params);
	free(text);
	return result;
}

static enum import_end
read_results(struct import_job *job, const PGresult *result)
{
	static const struct {
		enum column column;
		const char *label;
	} counts[] = { { CREATED, "created" }, { UPDATED, "updated" },
		{ UNCHANGED, "unchanged" }, { FAILED, "failed" } };
	int    taken;
	size_t i;

	if (strcmp(PQgetvalue(result, 0, STATE), "running") != 0)
		return IMPORT_LOST;
	for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		counters_add(IMPORT_LINES, counts[i].label,
		    atoi(PQgetvalue(result, 0, (int)counts[i].column)));
	/* SQLSTATEs alone: a line may hold what nobody else is to see */
	if (*PQgetvalue(result, 0, FAULTS) != '\0')
		thread_log("import_line_failed", job->id,
		    PQgetvalue(result, 0, FAULTS));
	renew(job, PQgetvalue(result, 0, RENEWED));
	for (taken = atoi(PQgetvalue(result, 0, TAKEN)); taken > 0; taken--)
		json_array_remove(job->waiting, 0);
	return IMPORT_FINISHED;
}

/*
 * What fails as a whole is tried again with half as many lines. A line that
 * does so by itself is the one at fault.
 */
static enum import_end
try_less(struct import_job *job, struct tries *tries)
{
	bool		    alone = tries->lines == 1;
	enum import_trouble trouble = job->session->pg == NULL ?
	    TROUBLE_OUTAGE :
	    import_trouble(job->session->sqlstate);

	if (alone && trouble == TROUBLE_REFUSED)
		return refuse_first(job, job->session->sqlstate);
	if (alone && trouble == TROUBLE_BUSY && ++tries->alone == ATTEMPTS)
		give_up_first(job,
		    "This line could not be taken now, however often it was "
		    "tried: send it again.");
	if (!alone)
		tries->lines /= 2;
	if (trouble != TROUBLE_REFUSED)
		import_pause(&tries->pause_ms);
	return IMPORT_FINISHED;
}

/* If not even that it has failed can be written down, there is no going on. */
static enum import_end
refuse_first(struct import_job *job, const char *sqlstate)
{
	json_t *line = json_array_get(job->waiting, 0);

	if (json_object_get(line, "record") != NULL) {
		give_up_first(job,
		    "This line could not be taken; the service is at fault.");
		return IMPORT_FINISHED;
	}
	snprintf(job->failure, sizeof(job->failure),
	    "What came of line %d cannot be written down (SQLSTATE %s); the "
	    "service is at fault. What was done before it stays.",
	    (int)json_integer_value(json_object_get(line, "line")), sqlstate);
	return IMPORT_FAILED;
}

static void
give_up_first(struct import_job *job, const char *why)
{
	json_t *line = json_array_get(job->waiting, 0);

	thread_log("import_line_failed", job->id, "given up");
	json_object_del(line, "record");
	json_object_set_new(line, "errors",
	    json_pack("[{s:s, s:s, s:s}]", "pointer", "", "code",
		"internal-error", "detail", why));
}

static void
renew(struct import_job *job, const char *lease)
{
	snprintf(job->lease, sizeof(job->lease), "%s", lease);
	job->lease_ends = monotonic_us() + job->lasts;
}
