/*
 * One batch at a time. While the collector takes none, none is read: the log
 * itself is the queue, and what this program holds has a bound.
 */
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "log_follow.h"
#include "span.h"
#include "traces.h"

#define BATCH	     512 /* spans */
#define PAUSE_MS     200 /* between two looks at a log that stands still */
#define TIMEOUT_S    10L
#define RETRY_S	     1
#define RETRY_MAX_S  30
#define HEADER_MAX   4096
#define ENDPOINT_MAX 2000

static volatile sig_atomic_t stopped;

static void		  stop(int);
static json_t		 *batch(struct log_follow *);
static void		  send_batch(CURL *, const char *, json_t *);
static bool		  settled(CURL *, CURLcode, long);
static struct curl_slist *header_list(CURL *, const char *);
static size_t		  ignore(char *, size_t, size_t, void *);
static void		  pause_ms(long);

int
traces_command(const struct traces_settings *t, int argc, char **argv)
{
	static struct log_follow log;
	struct sigaction	 on = { .sa_handler = stop };
	struct curl_slist	*headers;
	char			 url[ENDPOINT_MAX + 20];
	json_t			*spans;
	CURL			*curl;

	if (argc != 2 || *t->endpoint == '\0' ||
	    strlen(t->endpoint) > ENDPOINT_MAX) {
		fprintf(stderr,
		    "casework: usage: OTEL_EXPORTER_OTLP_ENDPOINT="
		    "http://localhost:4318 casework-worker traces "
		    "LOG_FILE|-\n");
		return 1;
	}
	if (log_follow_open(&log, argv[1]) == -1) {
		fprintf(stderr, "casework: %s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	sigaction(SIGTERM, &on, NULL);
	sigaction(SIGINT, &on, NULL);
	snprintf(url, sizeof(url), "%s%sv1/traces", t->endpoint,
	    t->endpoint[strlen(t->endpoint) - 1] == '/' ? "" : "/");
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK ||
	    (curl = curl_easy_init()) == NULL)
		abort();
	headers = header_list(curl, t->headers);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(curl, CURLOPT_TIMEOUT, TIMEOUT_S);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, ignore);
	while (!stopped && !log.ended) {
		spans = batch(&log);
		if (json_array_size(spans) > 0)
			send_batch(curl, t->service, spans);
		else
			json_decref(spans);
	}
	curl_slist_free_all(headers);
	curl_easy_cleanup(curl);
	curl_global_cleanup();
	return 0;
}

static void
stop(int signal_number)
{
	(void)signal_number;
	stopped = 1;
}

/* What has come by now, a full batch at most; waits for a first line. */
static json_t *
batch(struct log_follow *log)
{
	json_t	   *spans = json_array(), *span;
	const char *line;

	if (spans == NULL)
		abort();
	while (json_array_size(spans) < BATCH) {
		line = log_follow_line(log);
		if (line == NULL &&
		    (json_array_size(spans) > 0 || stopped || log->ended))
			break;
		if (line == NULL)
			pause_ms(PAUSE_MS);
		else if ((span = span_of_line(line)) != NULL)
			json_array_append_new(spans, span);
	}
	return spans;
}

/* Again and again, until the collector has it or will never take it. */
static void
send_batch(CURL *curl, const char *service, json_t *spans)
{
	json_t *export = span_export(service, spans);
	char *body = json_dumps(export, JSON_COMPACT);
	long  wait = RETRY_S;

	if (body == NULL)
		abort();
	curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE, (long)strlen(body));
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	while (!settled(curl, curl_easy_perform(curl), wait) && !stopped) {
		pause_ms(wait * 1000);
		wait = wait * 2 < RETRY_MAX_S ? wait * 2 : RETRY_MAX_S;
	}
	free(body);
	json_decref(export);
}

/* Whether nothing is left to be done; by the specification of OTLP. */
static bool
settled(CURL *curl, CURLcode code, long wait)
{
	static bool failing;
	long	    status = 0;
	bool	    again;

	curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
	again = code != CURLE_OK || status == 429 || status == 502 ||
	    status == 503 || status == 504;
	if (code != CURLE_OK && !failing)
		fprintf(stderr, "casework: traces: %s; again in %ld s\n",
		    curl_easy_strerror(code), wait);
	else if (code == CURLE_OK && (status < 200 || status > 299) &&
	    (!again || !failing))
		fprintf(stderr, "casework: traces: the collector said %ld%s\n",
		    status, again ? "; again later" : ", so these are lost");
	else if (failing && !again)
		fprintf(stderr, "casework: traces: the collector is back\n");
	failing = again;
	return !again;
}

/* Of values that nobody sees: they may be secrets. */
static struct curl_slist *
header_list(CURL *curl, const char *given)
{
	struct curl_slist *list;
	char		   line[HEADER_MAX], *all = strdup(given), *rest, *one;
	char		  *value;

	list = curl_slist_append(NULL, "Content-Type: application/json");
	if (all == NULL || list == NULL)
		abort();
	for (one = strtok_r(all, ",", &rest); one != NULL;
	     one = strtok_r(NULL, ",", &rest)) {
		one += strspn(one, " ");
		value = strchr(one, '=');
		if (value == NULL)
			continue;
		*value++ = '\0';
		value = curl_easy_unescape(curl, value, 0, NULL);
		snprintf(line, sizeof(line), "%s: %s", one, value);
		curl_free(value);
		list = curl_slist_append(list, line);
	}
	free(all);
	return list;
}

static size_t
ignore(char *bytes, size_t size, size_t n, void *arg)
{
	(void)bytes;
	(void)arg;
	return size * n;
}

static void
pause_ms(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}
