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

#include "log.h"
#include "owner.h"
#include "text.h"

#define LINE_MAX_BYTES 2048

static int    fd = STDOUT_FILENO;
static char   buffer[32 * 1024];
static size_t used;

/* What somebody should look at; every other event is a notice. */
static const struct {
	const char *event, *level;
} levels[] = {
	{ "db_down", "error" },
	{ "db_check_failed", "error" },
	{ "sql_error", "error" },
	{ "keys_not_reloaded", "error" },
	{ "connections_full", "warning" },
	{ "log_suppressed", "warning" },
	/* of the worker */
	{ "database_lost", "error" },
	{ "database_check_failed", "error" },
	{ "statement_failed", "error" },
	{ "timer_failed", "error" },
	{ "status_failed", "error" },
	{ "mail_failed", "warning" },
};

static const char *level_of_event(const char *);
static const char *level_of_status(int);
static void	   timestamp(char *);
static void	   escape(char *, size_t, const char *);

int
log_open(const char *file)
{
	char why[256];

	if (strcmp(file, "-") == 0)
		return 0;
	if (!owner_begin_file(file, why, sizeof(why))) {
		errno = EPERM;
		return -1;
	}
	fd = open(file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
	owner_end();
	return fd == -1 ? -1 : 0;
}

/* No value needs escaping or a limit: names and hex digits of our own. */
void
log_request(const struct log_request *l)
{
	char at[64], *p;

	if (sizeof(buffer) - used < LINE_MAX_BYTES)
		log_flush();
	timestamp(at);
	p = TEXT_ADD(buffer + used, "{\"time\":\"", at, "\",\"level\":\"",
	    level_of_status(l->status),
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
	char at[64], text[LINE_MAX_BYTES / 2];
	int  n;

	if (sizeof(buffer) - used < LINE_MAX_BYTES)
		log_flush();
	timestamp(at);
	escape(text, sizeof(text), detail);
	n = snprintf(buffer + used, LINE_MAX_BYTES,
	    "{\"time\":\"%s\","
	    "\"level\":\"%s\",\"event\":\"%s\",\"subject\":\"%s\","
	    "\"detail\":\"%s\",\"pid\":%d}\n",
	    at, level_of_event(event), event, subject == NULL ? "" : subject,
	    text, (int)getpid());
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
level_of_event(const char *event)
{
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
		if (strcmp(levels[i].event, event) == 0)
			return levels[i].level;
	return "notice";
}

/* 501 and 505 are the client's fault. */
static const char *
level_of_status(int status)
{
	return status == 500 ? "error" : status == 503 ? "warning" : "info";
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
