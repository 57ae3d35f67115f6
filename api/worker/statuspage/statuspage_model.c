/*
 * Reading a snapshot of the status feed: what is open, how bad it is, and what
 * that means for each component.
 */
#include <stdio.h>
#include <string.h>

#include "statuspage_model.h"

/* By rising gravity. The words are those of Statuspage. */
static const struct {
	const char *severity;
	const char *component;
	const char *description;
} grades[] = {
	{ "none", "operational", "All Systems Operational" },
	{ "maintenance", "under_maintenance", "Service Under Maintenance" },
	{ "minor", "degraded_performance", "Minor Service Outage" },
	{ "major", "partial_outage", "Partial System Outage" },
	{ "critical", "major_outage", "Major Service Outage" },
};

#define NGRADES (sizeof(grades) / sizeof(grades[0]))

static const char *const lists[] = { "incidents", "maintenances" };

static bool   is_active(const json_t *);
static size_t grade_of(const json_t *);
static size_t worst(const json_t *, const char *);
static bool   check_incident(const json_t *);
static bool   is_name(const char *);

const char *
statuspage_text(const json_t *object, const char *member)
{
	const char *text = json_string_value(json_object_get(object, member));

	return text != NULL ? text : "";
}

bool
statuspage_is_open(const json_t *incident)
{
	return *statuspage_text(incident, "resolved_at") == '\0';
}

bool
statuspage_names(const json_t *incident, const char *code)
{
	const char *named;
	json_t	   *component;
	size_t	    i;

	json_array_foreach (json_object_get(incident, "components"), i,
	    component) {
		named = json_string_value(component);
		if (named != NULL && strcmp(named, code) == 0)
			return true;
	}
	return false;
}

const json_t *
statuspage_latest(const json_t *incident)
{
	const json_t *updates = json_object_get(incident, "updates");
	size_t	      n = json_array_size(updates);

	return n > 0 ? json_array_get(updates, n - 1) : NULL;
}

/* Times of one form, in UTC, compare as text up to the seconds. */
const char *
statuspage_updated_at(const json_t *snapshot)
{
	const char *latest = "", *at;
	json_t	   *incident;
	size_t	    i, k;

	for (k = 0; k < 2; k++)
		json_array_foreach (json_object_get(snapshot, lists[k]), i,
		    incident) {
			at = statuspage_text(incident, "updated_at");
			if (strcmp(at, latest) > 0)
				latest = at;
		}
	return *latest != '\0' ? latest :
				 statuspage_text(snapshot, "generated_at");
}

const char *
statuspage_indicator(const json_t *snapshot)
{
	return grades[worst(snapshot, NULL)].severity;
}

const char *
statuspage_description(const char *indicator)
{
	size_t i;

	for (i = 0; i < NGRADES; i++)
		if (strcmp(grades[i].severity, indicator) == 0)
			return grades[i].description;
	return "";
}

const char *
statuspage_component_status(const json_t *snapshot, const char *code)
{
	return grades[worst(snapshot, code)].component;
}

json_t *
statuspage_all(const json_t *snapshot)
{
	const json_t *list[2], *head[2];
	json_t	     *all = json_array();
	size_t	      at[2] = { 0, 0 }, k;

	for (k = 0; k < 2; k++)
		list[k] = json_object_get(snapshot, lists[k]);
	for (;;) {
		for (k = 0; k < 2; k++)
			head[k] = json_array_get(list[k], at[k]);
		if (head[0] == NULL && head[1] == NULL)
			return all;
		k = head[0] == NULL ||
		    (head[1] != NULL &&
			strcmp(statuspage_text(head[1], "created_at"),
			    statuspage_text(head[0], "created_at")) > 0);
		json_array_append(all, json_array_get(list[k], at[k]));
		at[k]++;
	}
}

json_t *
statuspage_find(const json_t *snapshot, const char *id)
{
	json_t *incident;
	size_t	i, k;

	for (k = 0; k < 2; k++)
		json_array_foreach (json_object_get(snapshot, lists[k]), i,
		    incident)
			if (strcmp(statuspage_text(incident, "id"), id) == 0)
				return incident;
	return NULL;
}

bool
statuspage_check(const json_t *snapshot, char *err, size_t errlen)
{
	const char *const times[] = { "generated_at", "stale_after" };
	json_t		 *incident;
	size_t		  i, k;

	for (i = 0; i < 2; i++)
		if (*statuspage_text(snapshot, times[i]) == '\0') {
			snprintf(err, errlen, "the snapshot has no %s",
			    times[i]);
			return false;
		}
	for (k = 0; k < 2; k++) {
		if (!json_is_array(json_object_get(snapshot, lists[k]))) {
			snprintf(err, errlen, "the snapshot has no %s",
			    lists[k]);
			return false;
		}
		json_array_foreach (json_object_get(snapshot, lists[k]), i,
		    incident)
			if (!check_incident(incident)) {
				snprintf(err, errlen,
				    "%s[%zu] of the snapshot is not one",
				    lists[k], i);
				return false;
			}
	}
	return true;
}

static bool
check_incident(const json_t *incident)
{
	const char *const members[] = { "kind", "title", "severity", "status",
		"created_at", "updated_at" };
	size_t		  i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++)
		if (*statuspage_text(incident, members[i]) == '\0')
			return false;
	return is_name(statuspage_text(incident, "id")) &&
	    statuspage_latest(incident) != NULL;
}

/* Ids name files: nothing that leads to another directory. */
static bool
is_name(const char *id)
{
	size_t n = strspn(id,
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");

	return n > 0 && n <= 64 && id[n] == '\0';
}

/* Whether it affects something now: an open incident, running maintenance. */
static bool
is_active(const json_t *incident)
{
	return statuspage_is_open(incident) &&
	    strcmp(statuspage_text(incident, "status"), "scheduled") != 0;
}

static size_t
grade_of(const json_t *incident)
{
	const char *severity = statuspage_text(incident, "severity");
	size_t	    i;

	if (!is_active(incident))
		return 0;
	if (strcmp(statuspage_text(incident, "kind"), "maintenance") == 0)
		return 1;
	for (i = NGRADES - 1; i > 0; i--)
		if (strcmp(grades[i].severity, severity) == 0)
			break;
	return i;
}

/* The gravest grade, of everything or of what names the component. */
static size_t
worst(const json_t *snapshot, const char *code)
{
	json_t *incident;
	size_t	grade = 0, i, k;

	for (k = 0; k < 2; k++)
		json_array_foreach (json_object_get(snapshot, lists[k]), i,
		    incident)
			if ((code == NULL ||
				statuspage_names(incident, code)) &&
			    grade_of(incident) > grade)
				grade = grade_of(incident);
	return grade;
}
