/*
 * One import: its file is read twice. First only to see that it can be read to
 * its end, so that nothing is begun with that cannot be finished; then for what
 * stands in it.
 */
#ifndef CASEWORK_IMPORT_JOB_H
#define CASEWORK_IMPORT_JOB_H

#include <stdbool.h>
#include <stdint.h>

#include "import_file.h"
#include "session.h"

struct import_job {
	struct session	    *session;
	const struct schema *schema;	 /* of a record */
	const char	    *seconds;	 /* of a lease, for SQL */
	size_t		     batch;	 /* lines in one transaction, at most */
	int64_t		     lasts;	 /* a lease, in microseconds */
	int64_t		     lease_ends; /* monotonic_us() */
	char		     id[24];
	char		     lease[64]; /* as PostgreSQL has written it */
	bool		     is_csv;
	bool		     counted; /* the file has been read once */
	int		     at_line; /* the last that has a result */
	int		     lines;   /* of the last record so far */
	char		     failure[400];
	/* private */
	json_t *waiting; /* lines to be done */
	size_t	bytes;	 /* of them */
};

enum import_end {
	IMPORT_FINISHED,
	IMPORT_FAILED,	/* as a whole: see failure */
	IMPORT_STOPPED, /* the worker stops */
	IMPORT_LOST	/* cancelled, settled, or somebody else's by now */
};

enum import_end import_job_run(struct import_job *);

#endif
