/*
 * The log: built in a buffer, written once per turn of the event loop or when
 * the buffer is full. Whole lines only, so that several processes may append to
 * one file.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "journal.h"
#include "log.h"
#include "owner.h"
#include "text.h"

#define LINE_MAX_BYTES 2048

static int	   fd = STDOUT_FILENO;
static const char *path; /* NULL: standard output */
static bool	   journal;
static char	   buffer[32 * 1024];
static size_t	   used;

enum level { ERROR, WARNING, NOTICE, INFO };

/* The journal takes a priority before the line, and leaves it out. */
static const struct {
	const char *name, *priority;
} levels[] = {
	[ERROR] = { "error", "<3>" },
	[WARNING] = { "warning", "<4>" },
	[NOTICE] = { "notice", "<5>" },
	[INFO] = { "info", "<6>" },
};

/* What somebody should look at; every other event is a notice. */
static const struct {
	const char *event;
	enum level  level;
} events[] = {
	{ "db_down", ERROR },
	{ "db_check_failed", ERROR },
	{ "sql_error", ERROR },
	{ "keys_not_reloaded", ERROR },
	{ "log_not_reopened", ERROR },
	{ "connections_full", WARNING },
	{ "log_suppressed", WARNING },
	/* of the worker */
	{ "database_lost", ERROR },
	{ "database_check_failed", ERROR },
	{ "statement_failed", ERROR },
	{ "timer_failed", ERROR },
	{ "status_failed", ERROR },
	{ "thread_hangs", ERROR },
	{ "mail_failed", WARNING },
};

static int	   open_file(const char *);
static const char *priority(enum level);
static enum level  level_of_event(const char *);
static enum level  level_of_status(int);
static void	   timestamp(char *);
static void	   escape(char *, size_t, const char *);

int
log_open(const char *file)
{
	if (strcmp(file, "-") == 0) {
		journal = journal_is(fd);
		return 0;
	}
	path = file;
	fd = open_file(file);
	return fd == -1 ? -1 : 0;
}

void
log_reopen(void)
{
	int opened;

	if (path == NULL)
		return;
	log_flush();
	opened = open_file(path);
	if (opened == -1) {
		log_event("log_not_reopened", path, strerror(errno));
		return;
	}
	(void)close(fd);
	fd = opened;
}

static int
open_file(const char *file)
{
	char why[256];
	int  opened;

	if (!owner_begin_file(file, why, sizeof(why))) {
		errno = EPERM;
		return -1;
	}
	opened = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	owner_end();
	return opened;
}

/* No value needs escaping or a limit: names and hex digits of our own. */
void
log_request(const struct log_request *l)
{
	const enum level level = level_of_status(l->status);
	char		 at[64], *p;

	if (sizeof(buffer) - used < LINE_MAX_BYTES)
		log_flush();
	timestamp(at);
	p = TEXT_ADD(buffer + used, priority(level), "{\"time\":\"", at,
	    "\",\"level\":\"", levels[level].name,
	    "\",\"event\":\"request\",\"request_id\":\"", l->id,
	    "\",\"trace_id\":\"", l->trace, "\",\"span_id\":\"", l->span,
	    "\",\"operation\":\"", l->operation, "\",\"caller\":\"", l->caller,
	    "\",\"method\":\"", l->method, "\",\"status\":");
	p = stpcpy(text_add_number(p, l->status), ",\"duration_us\":");
	p = stpcpy(text_add_number(p, l->duration_us), ",\"db_us\":");
	p = text_add_number(p, l->db_us);
	if (*l->parent != '\0')
		p = TEXT_ADD(p, ",\"parent_span_id\":\"", l->parent, "\"");
	if (l->unsampled)
		p = stpcpy(p, ",\"sampled\":false");
	if (*l->problem != '\0')
		p = TEXT_ADD(p, ",\"problem\":\"", l->problem, "\"");
	if (*l->sqlstate != '\0')
		p = TEXT_ADD(p, ",\"sqlstate\":\"", l->sqlstate, "\"");
	p = stpcpy(p, "}\n");
	used = (size_t)(p - buffer);
}

void
log_event(const char *event, const char *subject, const char *detail)
{
	const enum level level = level_of_event(event);
	char		 at[64], text[LINE_MAX_BYTES / 2];
	int		 n;

	if (sizeof(buffer) - used < LINE_MAX_BYTES)
		log_flush();
	timestamp(at);
	escape(text, sizeof(text), detail);
	n = snprintf(buffer + used, LINE_MAX_BYTES,
	    "%s{\"time\":\"%s\","
	    "\"level\":\"%s\",\"event\":\"%s\",\"subject\":\"%s\","
	    "\"detail\":\"%s\",\"pid\":%d}\n",
	    priority(level), at, levels[level].name, event,
	    subject == NULL ? "" : subject, text, (int)getpid());
	if (n > 0 && n < LINE_MAX_BYTES)
		used += (size_t)n;
	log_flush();
}

void
log_flush(void)
{
	size_t	done = 0;
	ssize_t n;

	while (done < used) {
		n = write(fd, buffer + done, used - done);
		if (n <= 0)
			break; /* a full disk must not stop the service */
		done += (size_t)n;
	}
	used = 0;
}

static const char *
priority(enum level level)
{
	return journal ? levels[level].priority : "";
}

static enum level
level_of_event(const char *event)
{
	size_t i;

	for (i = 0; i < sizeof(events) / sizeof(events[0]); i++)
		if (strcmp(events[i].event, event) == 0)
			return events[i].level;
	return NOTICE;
}

/* 501 and 505 are the client's fault. */
static enum level
level_of_status(int status)
{
	return status == 500 ? ERROR : status == 503 ? WARNING : INFO;
}

/* RFC 3339 in UTC, milliseconds; the seconds part is kept between calls. */
static void
timestamp(char *out)
{
	static time_t	last;
	static char	text[32];
	struct timespec ts;
	struct tm	tm;

	clock_gettime(CLOCK_REALTIME, &ts);
	if (ts.tv_sec != last) {
		last = ts.tv_sec;
		gmtime_r(&last, &tm);
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	}
	/* 1000 + ms, of which the 1 becomes the point */
	out = stpcpy(out, text);
	*text_add_number(out, 1000 + ts.tv_nsec / 1000000) = 'Z';
	out[0] = '.';
	out[5] = '\0';
}

static void
escape(char *out, size_t size, const char *in)
{
	size_t n = 0;

	for (; *in != '\0' && n + 2 < size; in++) {
		if ((unsigned char)*in < 0x20)
			out[n++] = ' ';
		else {
			if (*in == '"' || *in == '\\')
				out[n++] = '\\';
			out[n++] = *in;
		}
	}
	out[n] = '\0';
}
