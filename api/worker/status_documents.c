/*
 * The JSON files of the status feed, in the shape that clients of Statuspage
 * read (page, status, components, incidents with incident_updates,
 * scheduled_maintenances). What Statuspage has and we have not is null.
 */
#include <string.h>

#include "status_internal.h"

static json_t	  *document(const json_t *);
static json_t	  *page(const json_t *);
static json_t	  *status(const json_t *);
static json_t	  *components(const json_t *, const json_t *);
static json_t	  *incidents(const json_t *, const char *);
static json_t	  *incident(const json_t *, const json_t *);
static json_t	  *updates(const json_t *);
static const char *their_status(const char *);
static json_t	  *time_or_null(const json_t *, const char *);
static const char *first_with(const json_t *, const char *);

json_t *
status_json(const json_t *snapshot)
{
	return document(snapshot);
}

json_t *
status_summary_json(const json_t *snapshot)
{
	json_t *summary = document(snapshot);

	json_object_set_new(summary, "components", components(snapshot, NULL));
	json_object_set_new(summary, "incidents",
	    incidents(snapshot, "incidents"));
	json_object_set_new(summary, "scheduled_maintenances",
	    incidents(snapshot, "maintenances"));
	return summary;
}

json_t *
status_incident_json(const json_t *snapshot, const json_t *of)
{
	return json_pack("{s:o, s:o, s:s, s:s}", "page", page(snapshot),
	    "incident", incident(snapshot, of), "generated_at",
	    status_text(snapshot, "generated_at"), "stale_after",
	    status_text(snapshot, "stale_after"));
}

/* What every file begins with. */
static json_t *
document(const json_t *snapshot)
{
	return json_pack("{s:o, s:o, s:s, s:s}", "page", page(snapshot),
	    "status", status(snapshot), "generated_at",
	    status_text(snapshot, "generated_at"), "stale_after",
	    status_text(snapshot, "stale_after"));
}

static json_t *
page(const json_t *snapshot)
{
	const json_t *of = json_object_get(snapshot, "page");

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id",
	    status_text(of, "id"), "name", status_text(of, "name"), "url",
	    status_text(of, "url"), "time_zone", "America/Chicago",
	    "updated_at", status_updated_at(snapshot));
}

static json_t *
status(const json_t *snapshot)
{
	const char *indicator = status_indicator(snapshot);

	return json_pack("{s:s, s:s}", "indicator", indicator, "description",
	    status_description(indicator));
}

/* All of them, or those that the incident names. */
static json_t *
components(const json_t *snapshot, const json_t *of)
{
	json_t *list = json_array(), *component, *named;
	size_t	i, j;

	json_array_foreach (json_object_get(snapshot, "components"), i,
	    component) {
		const char *code = status_text(component, "code");
		bool	    wanted = of == NULL;

		json_array_foreach (json_object_get(of, "components"), j, named)
			wanted = wanted ||
			    (json_is_string(named) &&
				strcmp(json_string_value(named), code) == 0);
		if (!wanted)
			continue;
		json_array_append_new(list,
		    json_pack("{s:s, s:s, s:s, s:s, s:i, s:n, s:n, s:b, s:b, "
			      "s:b}",
			"id", code, "name", status_text(component, "name"),
			"status", status_of_component(snapshot, code),
			"page_id",
			status_text(json_object_get(snapshot, "page"), "id"),
			"position", (int)i + 1, "description", "group_id",
			"group", 0, "showcase", 1, "only_show_if_degraded", 0));
	}
	return list;
}

/* Those that are open: the summary is about now. */
static json_t *
incidents(const json_t *snapshot, const char *list)
{
	json_t *open = json_array(), *of;
	size_t	i;

	json_array_foreach (json_object_get(snapshot, list), i, of)
		if (status_is_open(of))
			json_array_append_new(open, incident(snapshot, of));
	return open;
}

static json_t *
incident(const json_t *snapshot, const json_t *of)
{
	const json_t *on = json_object_get(snapshot, "page");
	json_t	     *made;
	const char   *monitoring = first_with(of, "monitoring");
	bool planned = strcmp(status_text(of, "kind"), "maintenance") == 0;

	made = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "id",
	    status_text(of, "id"), "name", status_text(of, "title"), "status",
	    their_status(status_text(of, "status")), "impact",
	    planned ? "maintenance" : status_text(of, "severity"), "page_id",
	    status_text(on, "id"), "created_at", status_text(of, "created_at"),
	    "started_at", status_text(of, "created_at"), "updated_at",
	    status_text(of, "updated_at"), "resolved_at",
	    time_or_null(of, "resolved_at"));
	json_object_set_new(made, "monitoring_at",
	    *monitoring != '\0' ? json_string(monitoring) : json_null());
	json_object_set_new(made, "shortlink",
	    json_sprintf("%s/incidents/%s.json", status_text(on, "url"),
		status_text(of, "id")));
	json_object_set_new(made, "incident_updates", updates(of));
	json_object_set_new(made, "components", components(snapshot, of));
	if (planned) {
		json_object_set_new(made, "scheduled_for",
		    time_or_null(of, "scheduled_from"));
		json_object_set_new(made, "scheduled_until",
		    time_or_null(of, "scheduled_until"));
	}
	return made;
}

/* Newest first, as Statuspage has them. */
static json_t *
updates(const json_t *of)
{
	const json_t *all = json_object_get(of, "updates");
	json_t	     *list = json_array(), *made;
	size_t	      i;

	for (i = json_array_size(all); i-- > 0;) {
		const json_t *update = json_array_get(all, i);
		const char   *at = status_text(update, "at");

		made = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:n}",
		    "status", their_status(status_text(update, "status")),
		    "body", status_text(update, "text"), "incident_id",
		    status_text(of, "id"), "created_at", at, "updated_at", at,
		    "display_at", at, "affected_components");
		json_object_set_new(made, "id",
		    json_sprintf("%s-%zu", status_text(of, "id"), i + 1));
		json_array_append_new(list, made);
	}
	return list;
}

/* Clients of Statuspage know no awareness. */
static const char *
their_status(const char *status)
{
	return strcmp(status, "awareness") == 0 ? "investigating" : status;
}

static json_t *
time_or_null(const json_t *of, const char *member)
{
	const char *at = status_text(of, member);

	return *at != '\0' ? json_string(at) : json_null();
}

/* When it was first in that state, or "". */
static const char *
first_with(const json_t *of, const char *wanted)
{
	json_t *update;
	size_t	i;

	json_array_foreach (json_object_get(of, "updates"), i, update)
		if (strcmp(status_text(update, "status"), wanted) == 0)
			return status_text(update, "at");
	return "";
}
