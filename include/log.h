/*
 * JSON lines, one per request or event. Never a token, a body or personal
 * data: callers pass names, numbers and our own sentences only.
 */
#ifndef CASEWORK_LOG_H
#define CASEWORK_LOG_H

#include <stdbool.h>
#include <stdint.h>

struct log_request {
	const char *id;	       /* request id */
	const char *trace;     /* 32 hex digits */
	const char *span;      /* 16 hex digits */
	const char *parent;    /* the same, or "" */
	bool	    unsampled; /* who asked records no trace */
	const char *operation; /* operationId or "" */
	const char *caller;    /* kind or "" */
	const char *method;
	int	    status;
	int64_t	    duration_us, db_us;
	const char *problem;  /* slug or "" */
	const char *sqlstate; /* or "" */
};

/* Opens the log in the parent. 0, or -1 with errno set. */
int log_open(const char *file);
/* Whoever rotates it has renamed the file. One that cannot be opened anew goes
 * on under its new name, and says so. */
void log_reopen(void);
/* Buffered; written at the latest by the next log_flush(). */
void log_request(const struct log_request *);
/* Written at once, at the level of such events. subject may be NULL. */
void log_event(const char *event, const char *subject, const char *detail);
void log_flush(void);

#endif
