/*
 * Ninety days at a glance. An incident counts on each day that it touches, from
 * when it was opened until it was resolved; maintenance was announced and does
 * not. What the colors say stands in words too: in a bar's title and in the
 * label of the whole.
 */
#include <string.h>
#include <time.h>

#include "statuspage_days.h"
#include "statuspage_model.h"

#define DAYS	    90
#define DAY_SECONDS 86400

/* By rising gravity; the first is a day without incident. */
static const struct {
	const char *severity;
	const char *words;
} grades[] = {
	{ "none", "no incident" },
	{ "minor", "minor impact" },
	{ "major", "major impact" },
	{ "critical", "critical impact" },
};

#define NGRADES (sizeof(grades) / sizeof(grades[0]))

static void   count_incidents(const json_t *, const char *, long, size_t *);
static size_t grade_of(const json_t *);
static long   day_of(const char *);
static void   day_name(char *, size_t, long);
static void   label(FILE *, long, const size_t *);

void
statuspage_days(FILE *out, const json_t *snapshot, const char *code)
{
	size_t grade[DAYS] = { 0 }, i;
	long   today = day_of(statuspage_text(snapshot, "generated_at"));
	char   name[24];

	count_incidents(snapshot, code, today, grade);
	fputs("<svg class=\"days\" viewBox=\"0 0 449 20\" "
	      "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"",
	    out);
	label(out, today, grade);
	fputs("\">", out);
	for (i = 0; i < DAYS; i++) {
		day_name(name, sizeof(name), today - DAYS + 1 + (long)i);
		fprintf(out,
		    "<rect class=\"%s\" x=\"%zu\" width=\"4\" height=\"20\">"
		    "<title>%s: %s</title></rect>",
		    grades[grade[i]].severity, 5 * i, name,
		    grades[grade[i]].words);
	}
	fputs("</svg>\n", out);
}

static void
count_incidents(const json_t *snapshot, const char *code, long today,
    size_t *grade)
{
	const long  first = today - DAYS + 1;
	const char *resolved;
	json_t	   *incident;
	size_t	    i, its;
	long	    day, last;

	json_array_foreach (json_object_get(snapshot, "incidents"), i,
	    incident) {
		if (!statuspage_names(incident, code))
			continue;
		its = grade_of(incident);
		resolved = statuspage_text(incident, "resolved_at");
		last = *resolved == '\0' ? today : day_of(resolved);
		day = day_of(statuspage_text(incident, "created_at"));
		for (day = day < first ? first : day;
		     day <= last && day <= today; day++)
			if (its > grade[day - first])
				grade[day - first] = its;
	}
}

static size_t
grade_of(const json_t *incident)
{
	const char *severity = statuspage_text(incident, "severity");
	size_t	    i;

	for (i = NGRADES - 1; i > 0; i--)
		if (strcmp(grades[i].severity, severity) == 0)
			break;
	return i;
}

/* Its day in Central Time, counted from 1970; 0 for what is no time. */
static long
day_of(const char *at)
{
	struct tm utc = { 0 }, central;
	time_t	  seconds;

	if (strptime(at, "%Y-%m-%dT%H:%M:%S", &utc) == NULL)
		return 0;
	seconds = timegm(&utc);
	localtime_r(&seconds, &central);
	central.tm_hour = central.tm_min = central.tm_sec = 0;
	return (long)(timegm(&central) / DAY_SECONDS);
}

/* Nov 23, 2026 */
static void
day_name(char *name, size_t len, long day)
{
	time_t	  seconds = (time_t)day * DAY_SECONDS;
	struct tm date;

	gmtime_r(&seconds, &date);
	strftime(name, len, "%b %-d, %Y", &date);
}

static void
label(FILE *out, long today, const size_t *grade)
{
	const char *before = ": ";
	char	    name[24];
	size_t	    i;

	fputs("The last 90 days", out);
	for (i = 0; i < DAYS; i++) {
		if (grade[i] == 0)
			continue;
		day_name(name, sizeof(name), today - DAYS + 1 + (long)i);
		fprintf(out, "%s%s %s", before, name, grades[grade[i]].words);
		before = ", ";
	}
	if (*before == ':')
		fputs(": no incident", out);
}
