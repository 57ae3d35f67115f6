/*
 * The status feed and the database: what the operator has published goes in,
 * exactly once by its id; the snapshot comes out; deliveries are recorded.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounded.h"
#include "statuspage_database.h"
#include "statuspage_files.h"
#include "statuspage_model.h"
#include "statuspage_snapshot.h"

static bool  turn(struct bounded *, const struct statuspage_settings *,
     const struct statuspage_key *, char *, size_t);
static bool  import_updates(struct bounded *, const char *,
     const struct statuspage_key *, char *, size_t);
static bool  import_line(struct bounded *, const struct statuspage_key *,
     const char *, char *, size_t);
static char *ask(struct bounded *, const char *, const char *, char *, size_t);
static char *update_ids(const json_t *);

bool
statuspage_run(struct bounded *db, const struct statuspage_settings *settings,
    char *err, size_t errlen)
{
	struct statuspage_key key;
	int		      lock;
	bool		      done;

	if (!statuspage_key_load(&key, settings->key_file, err, errlen) ||
	    (lock = statuspage_lock(settings->directory, err, errlen)) == -1)
		return false;
	done = turn(db, settings, &key, err, errlen);
	statuspage_unlock(lock);
	return done;
}

int
statuspage_run_command(const struct statuspage_settings *settings,
    const char *database_url, int argc, char **argv)
{
	char	       err[512] = "";
	struct bounded db;
	bool	       done;

	(void)argv;
	if (argc != 1 || *database_url == '\0') {
		fprintf(stderr, "casework-worker: %s\n",
		    argc != 1 ? "status takes no options" :
				"DATABASE_URL is not set");
		return 2;
	}
	done = bounded_find(&db, database_url, "worker", err, sizeof(err)) &&
	    statuspage_run(&db, settings, err, sizeof(err));
	if (!done)
		fprintf(stderr, "casework-worker: %s\n", err);
	bounded_close(&db);
	return done ? 0 : 1;
}

static bool
turn(struct bounded *db, const struct statuspage_settings *settings,
    const struct statuspage_key *key, char *err, size_t errlen)
{
	char   *text, *ids;
	json_t *snapshot;
	int	written;

	if (!import_updates(db, settings->directory, key, err, errlen) ||
	    (text = ask(db, "select rules.statuspage()", NULL, err, errlen)) ==
		NULL)
		return false;
	snapshot = json_loads(text, 0, NULL);
	free(text);
	written = statuspage_refresh(settings, key, snapshot, err, errlen);
	if (written == 1) {
		ids = update_ids(snapshot);
		text =
		    ask(db, "select rules.statuspage_published($1::bigint[])",
			ids, err, errlen);
		if (text == NULL)
			written = -1;
		free(text);
		free(ids);
	}
	json_decref(snapshot);
	return written != -1;
}

/* Nothing is published while a line cannot be imported: the files would lose
 * what it says. The file goes when all of it is in the database. */
static bool
import_updates(struct bounded *db, const char *dir,
    const struct statuspage_key *key, char *err, size_t errlen)
{
	char path[4096], why[300], *lines, *line, *rest;
	bool done = true;
	int  number = 0;

	if ((lines = statuspage_read(dir, STATUSPAGE_UPDATES)) == NULL) {
		if (errno == ENOENT)
			return true;
		snprintf(err, errlen, "%s/%s: %s", dir, STATUSPAGE_UPDATES,
		    strerror(errno));
		return false;
	}
	snprintf(path, sizeof(path), "%s/%s", dir, STATUSPAGE_UPDATES);
	for (line = strtok_r(lines, "\n", &rest); line != NULL && done;
	     line = strtok_r(NULL, "\n", &rest)) {
		number++;
		done = import_line(db, key, line, why, sizeof(why));
	}
	free(lines);
	if (!done)
		snprintf(err, errlen, "%s: line %d: %s", path, number, why);
	else if (unlink(path) == -1) {
		snprintf(err, errlen, "%s: %s", path, strerror(errno));
		done = false;
	}
	return done;
}

static bool
import_line(struct bounded *db, const struct statuspage_key *key,
    const char *line, char *err, size_t errlen)
{
	json_t *update = statuspage_verify(key, line, err, errlen);
	char   *text, *answer;

	if (update == NULL)
		return false;
	text = json_dumps(update, JSON_COMPACT);
	answer = ask(db, "select rules.import_operator_update($1::jsonb)", text,
	    err, errlen);
	free(text);
	json_decref(update);
	free(answer);
	return answer != NULL;
}

/* The one value that a statement returns; NULL with the reason in err. */
static char *
ask(struct bounded *db, const char *statement, const char *parameter, char *err,
    size_t errlen)
{
	PGresult *result =
	    bounded_run(db, statement, parameter != NULL, &parameter);
	const char *why;
	char	   *value = NULL;

	if (PQresultStatus(result) == PGRES_TUPLES_OK && PQntuples(result) == 1)
		value = strdup(PQgetvalue(result, 0, 0));
	else {
		why = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
		snprintf(err, errlen, "the database: %s",
		    why != NULL ? why : "the connection is lost");
	}
	PQclear(result);
	return value;
}

/* Of everything in the snapshot, as an array literal. */
static char *
update_ids(const json_t *snapshot)
{
	json_t *all = statuspage_all(snapshot), *of, *update, *id;
	char   *text = NULL;
	size_t	size, i, j, n = 0;
	FILE   *out = open_memstream(&text, &size);

	if (out == NULL)
		abort();
	fputc('{', out);
	json_array_foreach (all, i, of)
		json_array_foreach (json_object_get(of, "updates"), j, update) {
			id = json_object_get(update, "id");
			fprintf(out, "%s%lld", n++ > 0 ? "," : "",
			    (long long)json_integer_value(id));
		}
	fputc('}', out);
	fclose(out);
	json_decref(all);
	return text;
}
