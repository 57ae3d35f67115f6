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
#include "lease.h"
#include "monotonic.h"
#include "stopping.h"
#include "thread_log.h"

#define BATCH_BYTES 262144
#define ATTEMPTS    5 /* of one line by itself */
#define PAUSE_MS    100

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

/* What of a record is done: IMPORT_FINISHED to go on. */
typedef enum import_end record_fn(struct import_job *,
    const struct import_file *, const struct import_record *);

static enum import_end walk(struct import_job *, record_fn *);
static enum import_end read_part(struct import_job *, struct import_file *,
    int);
static record_fn       count_record, take_record;
static enum import_end report_count(struct import_job *);
static enum import_end flush(struct import_job *);
static enum import_end read_results(struct import_job *, const PGresult *);
static PGresult	      *send(struct import_job *, size_t);
static void	       give_up_first(struct import_job *);
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
	const char    *params[] = { job->id, text }, *fault;
	PGresult      *result;
	unsigned char *bytes;
	size_t	       len;

	if (stopping())
		return IMPORT_STOPPED;
	snprintf(text, sizeof(text), "%d", number);
	result =
	    lease_insist(job->session, job->lease_ends, get_part, 2, params);
	if (result == NULL)
		return stopping() ? IMPORT_STOPPED : IMPORT_LOST;
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
	PGresult   *result;
	bool	    ours;

	snprintf(lines, sizeof(lines), "%d", job->lines);
	result =
	    lease_insist(job->session, job->lease_ends, say_counted, 4, params);
	if (result == NULL)
		return stopping() ? IMPORT_STOPPED : IMPORT_LOST;
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

/*
 * Until none waits. What fails as a whole is tried again with half as many
 * lines; a line that fails by itself again and again is the one that does it.
 */
static enum import_end
flush(struct import_job *job)
{
	size_t		n = job->batch, waiting;
	int		attempts = 0;
	enum import_end end;
	PGresult       *result;

	while ((waiting = json_array_size(job->waiting)) > 0) {
		if (stopping())
			return IMPORT_STOPPED;
		if (monotonic_us() > job->lease_ends)
			return IMPORT_LOST;
		n = n < waiting ? n : waiting;
		result = session_up(job->session) ? send(job, n) : NULL;
		if (result != NULL) {
			end = read_results(job, result);
			PQclear(result);
			if (end != IMPORT_FINISHED)
				return end;
			n = job->batch;
			attempts = 0;
			continue;
		}
		if (n == 1 && ++attempts == ATTEMPTS)
			give_up_first(job);
		n = n > 1 ? n / 2 : 1;
		(void)stopping_wait(-1, PAUSE_MS);
	}
	job->bytes = 0;
	return IMPORT_FINISHED;
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

static void
give_up_first(struct import_job *job)
{
	json_t *line = json_array_get(job->waiting, 0);

	thread_log("import_line_failed", job->id, "given up");
	json_object_del(line, "record");
	json_object_set_new(line, "errors",
	    json_pack("[{s:s, s:s, s:s}]", "pointer", "", "code",
		"internal-error", "detail",
		"This line could not be taken now, however often it was "
		"tried: send it again."));
}

static void
renew(struct import_job *job, const char *lease)
{
	snprintf(job->lease, sizeof(job->lease), "%s", lease);
	job->lease_ends = monotonic_us() + job->lasts;
}
