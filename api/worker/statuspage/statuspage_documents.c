/*
 * The JSON files of the status feed, in the shape that clients of Statuspage
 * read (page, status, components, incidents with incident_updates,
 * scheduled_maintenances). What Statuspage has and we have not is null.
 */
#include <string.h>

#include "statuspage_documents.h"
#include "statuspage_model.h"

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
statuspage_json(const json_t *snapshot)
{
	return document(snapshot);
}

json_t *
statuspage_summary_json(const json_t *snapshot)
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
statuspage_incident_json(const json_t *snapshot, const json_t *of)
{
	return json_pack("{s:o, s:o, s:s, s:s}", "page", page(snapshot),
	    "incident", incident(snapshot, of), "generated_at",
	    statuspage_text(snapshot, "generated_at"), "stale_after",
	    statuspage_text(snapshot, "stale_after"));
}

/* What every file begins with. */
static json_t *
document(const json_t *snapshot)
{
	return json_pack("{s:o, s:o, s:s, s:s}", "page", page(snapshot),
	    "status", status(snapshot), "generated_at",
	    statuspage_text(snapshot, "generated_at"), "stale_after",
	    statuspage_text(snapshot, "stale_after"));
}

static json_t *
page(const json_t *snapshot)
{
	const json_t *of = json_object_get(snapshot, "page");

	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "id",
	    statuspage_text(of, "id"), "name", statuspage_text(of, "name"),
	    "url", statuspage_text(of, "url"), "time_zone", "America/Chicago",
	    "updated_at", statuspage_updated_at(snapshot));
}

static json_t *
status(const json_t *snapshot)
{
	const char *indicator = statuspage_indicator(snapshot);

	return json_pack("{s:s, s:s}", "indicator", indicator, "description",
	    statuspage_description(indicator));
}

/* All of them, or those that the incident names. */
static json_t *
components(const json_t *snapshot, const json_t *of)
{
	json_t *list = json_array(), *component, *named;
	size_t	i, j;

	json_array_foreach (json_object_get(snapshot, "components"), i,
	    component) {
		const char *code = statuspage_text(component, "code");
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
			"id", code, "name", statuspage_text(component, "name"),
			"status", statuspage_component_status(snapshot, code),
			"page_id",
			statuspage_text(json_object_get(snapshot, "page"),
			    "id"),
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
		if (statuspage_is_open(of))
			json_array_append_new(open, incident(snapshot, of));
	return open;
}

static json_t *
incident(const json_t *snapshot, const json_t *of)
{
	const json_t *on = json_object_get(snapshot, "page");
	json_t	     *made;
	const char   *monitoring = first_with(of, "monitoring");
	bool planned = strcmp(statuspage_text(of, "kind"), "maintenance") == 0;

	made = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o}", "id",
	    statuspage_text(of, "id"), "name", statuspage_text(of, "title"),
	    "status", their_status(statuspage_text(of, "status")), "impact",
	    planned ? "maintenance" : statuspage_text(of, "severity"),
	    "page_id", statuspage_text(on, "id"), "created_at",
	    statuspage_text(of, "created_at"), "started_at",
	    statuspage_text(of, "created_at"), "updated_at",
	    statuspage_text(of, "updated_at"), "resolved_at",
	    time_or_null(of, "resolved_at"));
	json_object_set_new(made, "monitoring_at",
	    *monitoring != '\0' ? json_string(monitoring) : json_null());
	json_object_set_new(made, "shortlink",
	    json_sprintf("%s/incidents/%s.json", statuspage_text(on, "url"),
		statuspage_text(of, "id")));
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
		const char   *at = statuspage_text(update, "at");

		made = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:n}",
		    "status", their_status(statuspage_text(update, "status")),
		    "body", statuspage_text(update, "text"), "incident_id",
		    statuspage_text(of, "id"), "created_at", at, "updated_at",
		    at, "display_at", at, "affected_components");
		json_object_set_new(made, "id",
		    json_sprintf("%s-%zu", statuspage_text(of, "id"), i + 1));
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
	const char *at = statuspage_text(of, member);

	return *at != '\0' ? json_string(at) : json_null();
}

/* When it was first in that state, or "". */
static const char *
first_with(const json_t *of, const char *wanted)
{
	json_t *update;
	size_t	i;

	json_array_foreach (json_object_get(of, "updates"), i, update)
		if (strcmp(statuspage_text(update, "status"), wanted) == 0)
			return statuspage_text(update, "at");
	return "";
}
