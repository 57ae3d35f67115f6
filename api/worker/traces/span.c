/*
 * Names follow the semantic conventions of OpenTelemetry for HTTP servers; what
 * they have no name for begins with "casework.".
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "span.h"
#include "version.h"

#define KIND_SERVER  2
#define STATUS_ERROR 2

/* What of a line is an attribute of its span. */
static const struct {
	const char *member, *attribute;
} members[] = {
	{ "method", "http.request.method" },
	{ "status", "http.response.status_code" },
	{ "operation", "casework.operation" },
	{ "caller", "casework.caller" },
	{ "request_id", "casework.request_id" },
	{ "db_us", "casework.database_us" },
	{ "problem", "error.type" },
	{ "sqlstate", "db.response.status_code" },
};

static json_t	  *attributes(json_t *);
static json_t	  *attribute(const char *, json_t *);
static json_t	  *nanoseconds(int64_t);
static bool	   microseconds(const char *, int64_t *);
static const char *text(json_t *, const char *);
static json_t	  *made(json_t *);

json_t *
span_of_line(const char *line)
{
	json_t *l = json_loads(line, 0, NULL), *s = NULL;
	int64_t end, took;

	if (strcmp(text(l, "event"), "request") == 0 &&
	    !json_is_false(json_object_get(l, "sampled")) &&
	    *text(l, "trace_id") != '\0' && *text(l, "span_id") != '\0' &&
	    microseconds(text(l, "time"), &end)) {
		took = json_integer_value(json_object_get(l, "duration_us"));
		s = made(json_pack("{s:s, s:s, s:s, s:i, s:o, s:o, s:o}",
		    "traceId", text(l, "trace_id"), "spanId",
		    text(l, "span_id"), "name",
		    *text(l, "operation") == '\0' ? text(l, "method") :
						    text(l, "operation"),
		    "kind", KIND_SERVER, "startTimeUnixNano",
		    nanoseconds(end - took), "endTimeUnixNano",
		    nanoseconds(end), "attributes", attributes(l)));
		if (*text(l, "parent_span_id") != '\0')
			json_object_set(s, "parentSpanId",
			    json_object_get(l, "parent_span_id"));
		if (json_integer_value(json_object_get(l, "status")) >= 500)
			json_object_set_new(s, "status",
			    made(json_pack("{s:i}", "code", STATUS_ERROR)));
	}
	json_decref(l);
	return s;
}

json_t *
span_export(const char *service, json_t *spans)
{
	json_t *about = made(json_pack("[o, o]",
	    attribute("service.name", json_string(service)),
	    attribute("service.version", json_string(version_text))));

	return made(json_pack("{s:[{s:{s:o}, s:[{s:{s:s}, s:o}]}]}",
	    "resourceSpans", "resource", "attributes", about, "scopeSpans",
	    "scope", "name", "casework", "spans", spans));
}

static json_t *
attributes(json_t *l)
{
	json_t *all = made(json_array()), *value;
	size_t	i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		value = json_object_get(l, members[i].member);
		if (json_is_integer(value) || json_string_length(value) > 0)
			json_array_append_new(all,
			    attribute(members[i].attribute,
				json_incref(value)));
	}
	return all;
}

/* Whole numbers of 64 bits are texts in JSON of protobuf. */
static json_t *
attribute(const char *name, json_t *value)
{
	json_t *a;

	if (json_is_integer(value))
		a = json_pack("{s:s, s:{s:o}}", "key", name, "value",
		    "intValue",
		    json_sprintf("%" JSON_INTEGER_FORMAT,
			json_integer_value(value)));
	else
		a = json_pack("{s:s, s:{s:O}}", "key", name, "value",
		    "stringValue", value);
	json_decref(value);
	return made(a);
}

static json_t *
nanoseconds(int64_t us)
{
	return made(json_sprintf("%" PRId64 "000", us));
}

/* Since 1970; of a time as the log writes it, in UTC. */
static bool
microseconds(const char *at, int64_t *us)
{
	struct tm   tm = { 0 };
	const char *rest = strptime(at, "%Y-%m-%dT%H:%M:%S", &tm);
	double	    part;

	if (rest == NULL || *rest != '.')
		return false;
	part = strtod(rest, NULL);
	*us = (int64_t)timegm(&tm) * 1000000 + (int64_t)(part * 1e6 + 0.5);
	return true;
}

static const char *
text(json_t *l, const char *member)
{
	const char *value = json_string_value(json_object_get(l, member));

	return value == NULL ? "" : value;
}

static json_t *
made(json_t *j)
{
	if (j == NULL)
		abort();
	return j;
}
