/*
 * The lines of a log from now on: those that come, over rotations too.
 */
#ifndef CASEWORK_LOG_FOLLOW_H
#define CASEWORK_LOG_FOLLOW_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_FOLLOW_LINE 8192 /* bytes; longer lines are passed over */

struct log_follow {
	bool ended; /* of standard input: nothing will come any more */
	/* private */
	const char *path;
	int	    fd;
	char	    bytes[LOG_FOLLOW_LINE];
	size_t	    begin, end;
	bool	    passing_over;
};

/* A file, from its end; "-" is standard input. 0, or -1 with errno set. */
int log_follow_open(struct log_follow *, const char *path);
/* The next whole line until the next call, or NULL: none has come yet. */
const char *log_follow_line(struct log_follow *);

#endif
