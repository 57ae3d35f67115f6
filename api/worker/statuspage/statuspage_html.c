/*
 * index.html: one page that a person reads, in plain HTML with its style
 * inside. No script and nothing loaded from elsewhere, so it works wherever the
 * file can be had. State is said in words; color only repeats it.
 */
#include <string.h>
#include <time.h>

#include "markup.h"
#include "statuspage_days.h"
#include "statuspage_html.h"
#include "statuspage_model.h"

static const char style[] =
    ":root{color-scheme:light dark;--text:#1c2733;--soft:#55626f;"
    "--page:#f4f6f8;--card:#fff;--line:#d8dee4;--link:#0b5cad;"
    "--good:#1a7f37;--work:#1f6feb;--minor:#9a6700;--major:#bc4c00;"
    "--critical:#b42318}\n"
    "@media(prefers-color-scheme:dark){:root{--text:#e6ebf0;--soft:#a3afbb;"
    "--page:#12181f;--card:#1b232c;--line:#33404d;--link:#79b8ff;"
    "--good:#4ac26b;--work:#79b8ff;--minor:#e3b341;--major:#f0883e;"
    "--critical:#ff7b72}.brand img{background:#fff;border-radius:.3rem;"
    "padding:.2rem}}\n"
    "@media print{:root{color-scheme:light;--text:#000;--soft:#333;"
    "--page:#fff;--line:#bbb;--link:#0b3d91;--card:#fff;--good:#1a7f37;"
    "--work:#1f6feb;--minor:#9a6700;--major:#bc4c00;--critical:#b42318}"
    ".notice,li{break-inside:avoid}.days{print-color-adjust:exact}}\n"
    "*{box-sizing:border-box}\n"
    "body{margin:0;overflow-wrap:anywhere;background:var(--page);"
    "color:var(--text);"
    "font:1rem/1.55 system-ui,-apple-system,'Segoe UI',sans-serif}\n"
    "header,main,footer{max-width:46rem;margin:0 auto;padding:0 1rem}\n"
    "header{padding-top:1.5rem}\n"
    "header div{margin:0 0 1.25rem;overflow-wrap:anywhere}\n"
    ".brand{display:flex;align-items:center;gap:.75rem;font-weight:600}\n"
    ".brand img{display:block;height:2.5rem;max-width:12rem;"
    "object-fit:contain;flex:none}\n"
    ":focus-visible{outline:3px solid var(--link);outline-offset:2px}\n"
    "h1{font-size:1.5rem;line-height:1.25;margin:0}\n"
    "h2{font-size:1.15rem;margin:2.25rem 0 .75rem}\n"
    "h3{font-size:1.05rem;line-height:1.35;margin:0}\n"
    "p{margin:.35rem 0 0}\na{color:var(--link)}\n"
    ".overall,.notice,.components{background:var(--card);"
    "border:1px solid var(--line);border-radius:.5rem}\n"
    ".overall{border-left:.5rem solid var(--tone);padding:1rem 1.15rem;"
    "font-size:1.2rem;font-weight:600}\n"
    ".notice{border-left:.3rem solid var(--tone);padding:1rem 1.15rem;"
    "margin:0 0 1rem}\n"
    ".meta,.update time,footer{color:var(--soft);font-size:.9rem}\n"
    ".update{margin:.85rem 0 0;padding:.85rem 0 0;"
    "border-top:1px solid var(--line)}\n"
    ".said{white-space:pre-line;overflow-wrap:anywhere}\n"
    "h3{overflow-wrap:anywhere}\n"
    ".components{list-style:none;margin:0;padding:0}\n"
    ".components li{display:flex;flex-wrap:wrap;gap:.1rem 1rem;"
    "justify-content:space-between;padding:.65rem 1.15rem}\n"
    ".components li+li{border-top:1px solid var(--line)}\n"
    ".days{display:block;flex-basis:100%;width:100%;height:1.25rem;"
    "margin:.2rem 0 0}\n.days rect{fill:var(--tone)}\n"
    ".state{color:var(--tone);font-weight:600;margin-left:auto}\n"
    ".none{--tone:var(--good)}.maintenance{--tone:var(--work)}"
    ".minor{--tone:var(--minor)}.major{--tone:var(--major)}"
    ".critical{--tone:var(--critical)}.past{--tone:var(--line)}\n"
    "footer{padding-top:1.5rem;padding-bottom:2.5rem}\n";

/* Words of the page for the codes of the snapshot, and the tone they have. */
static const struct {
	const char *code;
	const char *words;
	const char *tone;
} words[] = {
	{ "operational", "Operational", "none" },
	{ "under_maintenance", "Under maintenance", "maintenance" },
	{ "degraded_performance", "Degraded", "minor" },
	{ "partial_outage", "Partial outage", "major" },
	{ "major_outage", "Major outage", "critical" },
	{ "awareness", "Known", "" }, { "investigating", "Investigating", "" },
	{ "identified", "Identified", "" }, { "monitoring", "Monitoring", "" },
	{ "resolved", "Resolved", "" }, { "scheduled", "Scheduled", "" },
	{ "in_progress", "In progress", "" }, { "completed", "Completed", "" },
	{ "none", "No impact", "" }, { "minor", "Minor impact", "" },
	{ "major", "Major impact", "" }, { "critical", "Critical impact", "" },
	{ "", "Update", "" }, /* what this page does not know */
};

static void   head(FILE *, const json_t *);
static void   brand(FILE *, const json_t *, const char *);
static void   section(FILE *, const json_t *, const char *, bool, const char *);
static void   notice(FILE *, const json_t *, const json_t *);
static void   affected(FILE *, const json_t *, const json_t *);
static void   update(FILE *, const json_t *);
static void   component_list(FILE *, const json_t *);
static bool   names_no_component(const json_t *);
static void   past(FILE *, const json_t *);
static void   foot(FILE *, const json_t *);
static void   moment(FILE *, const char *);
static size_t word(const char *);
static const char *tone(const json_t *);

void
statuspage_html(FILE *out, const json_t *snapshot)
{
	head(out, snapshot);
	section(out, snapshot, "incidents", true, "Current incidents");
	section(out, snapshot, "maintenances", true, "Maintenance");
	fputs("<section aria-labelledby=\"components\">\n"
	      "<h2 id=\"components\">Components</h2>\n",
	    out);
	component_list(out, snapshot);
	fputs("</section>\n", out);
	past(out, snapshot);
	foot(out, snapshot);
}

static void
head(FILE *out, const json_t *snapshot)
{
	const char *name =
	    statuspage_text(json_object_get(snapshot, "page"), "name");
	const char *indicator = statuspage_indicator(snapshot);

	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, "
	      "initial-scale=1\">\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\""
	      "default-src 'none'; style-src 'unsafe-inline'; "
	      "img-src data:\">\n",
	    out);
	fprintf(out, "<meta name=\"generated_at\" content=\"");
	markup_text(out, statuspage_text(snapshot, "generated_at"));
	fprintf(out, "\">\n<meta name=\"stale_after\" content=\"");
	markup_text(out, statuspage_text(snapshot, "stale_after"));
	fputs("\">\n<title>", out);
	markup_text(out, statuspage_description(indicator));
	fputs(" – ", out);
	markup_text(out, name);
	fputs("</title>\n<link rel=\"alternate\" type=\"application/atom+xml\" "
	      "href=\"history.atom\" title=\"History\">\n<style>\n",
	    out);
	fputs(style, out);
	fputs("</style>\n</head>\n<body>\n", out);
	brand(out, json_object_get(snapshot, "vendor"), name);
	fprintf(out, "<main>\n<p class=\"overall %s\">", indicator);
	markup_text(out, statuspage_description(indicator));
	fputs("</p>\n", out);
}

/*
 * Whose page it is, and its name, which often says so itself. A snapshot of
 * before there were vendors has none.
 */
static void
brand(FILE *out, const json_t *vendor, const char *name)
{
	const char *whose = statuspage_text(vendor, "name");
	const char *logo = statuspage_text(vendor, "logo");

	fputs("<header>\n<div class=\"brand\">", out);
	if (*logo != '\0') {
		fputs("<img alt=\"\" src=\"", out);
		markup_text(out, logo);
		fputs("\">", out);
	}
	if (strstr(name, whose) == NULL) {
		fputs("<span>", out);
		markup_text(out, whose);
		fputs("</span></div>\n<div>", out);
	}
	fputs("<h1>", out);
	markup_text(out, name);
	fputs("</h1></div>\n</header>\n", out);
}

/* What is open of a list, or what is not; nothing when there is none. */
static void
section(FILE *out, const json_t *snapshot, const char *list, bool open,
    const char *heading)
{
	json_t *of;
	size_t	i;
	bool	begun = false;

	json_array_foreach (json_object_get(snapshot, list), i, of) {
		if (statuspage_is_open(of) != open)
			continue;
		if (!begun)
			fprintf(out,
			    "<section aria-labelledby=\"%s\">\n"
			    "<h2 id=\"%s\">%s</h2>\n",
			    list, list, heading);
		begun = true;
		notice(out, snapshot, of);
	}
	if (begun)
		fputs("</section>\n", out);
}

static void
past(FILE *out, const json_t *snapshot)
{
	json_t *all = statuspage_all(snapshot), *of;
	size_t	i, shown = 0;

	fputs("<section aria-labelledby=\"past\">\n"
	      "<h2 id=\"past\">Past notices</h2>\n",
	    out);
	json_array_foreach (all, i, of) {
		if (statuspage_is_open(of))
			continue;
		notice(out, snapshot, of);
		shown++;
	}
	if (shown == 0)
		fputs("<p>There are none.</p>\n", out);
	fputs("</section>\n", out);
	json_decref(all);
}

static void
notice(FILE *out, const json_t *snapshot, const json_t *of)
{
	const json_t *updates = json_object_get(of, "updates");
	const char   *from = statuspage_text(of, "scheduled_from");
	bool planned = strcmp(statuspage_text(of, "kind"), "maintenance") == 0;
	size_t i;

	fprintf(out, "<article class=\"notice %s\" id=\"incident-", tone(of));
	markup_text(out, statuspage_text(of, "id"));
	fputs("\">\n<h3>", out);
	markup_text(out, statuspage_text(of, "title"));
	fputs("</h3>\n<p class=\"meta\">", out);
	if (planned && *from != '\0') {
		moment(out, from);
		fputs(" to ", out);
		moment(out, statuspage_text(of, "scheduled_until"));
	} else {
		fputs(words[word(statuspage_text(of, "severity"))].words, out);
	}
	affected(out, snapshot, of);
	fputs("</p>\n", out);
	for (i = json_array_size(updates); i-- > 0;)
		update(out, json_array_get(updates, i));
	fputs("</article>\n", out);
}

/* The names of the components it affects, or that it names none. */
static void
affected(FILE *out, const json_t *snapshot, const json_t *of)
{
	const char *before = " · ";
	json_t	   *component;
	size_t	    i;

	if (json_array_size(json_object_get(of, "components")) == 0)
		fputs(" · Not tied to a component", out);
	json_array_foreach (json_object_get(snapshot, "components"), i,
	    component) {
		if (!statuspage_names(of, statuspage_text(component, "code")))
			continue;
		fputs(before, out);
		markup_text(out, statuspage_text(component, "name"));
		before = ", ";
	}
}

static void
update(FILE *out, const json_t *said)
{
	fputs("<div class=\"update\">\n<p><strong>", out);
	fputs(words[word(statuspage_text(said, "status"))].words, out);
	fputs("</strong> ", out);
	moment(out, statuspage_text(said, "at"));
	fputs("</p>\n<p class=\"said\">", out);
	markup_text(out, statuspage_text(said, "text"));
	fputs("</p>\n</div>\n", out);
}

static void
component_list(FILE *out, const json_t *snapshot)
{
	const char *code;
	json_t	   *component;
	size_t	    i, w;

	fputs("<ul class=\"components\">\n", out);
	json_array_foreach (json_object_get(snapshot, "components"), i,
	    component) {
		code = statuspage_text(component, "code");
		w = word(statuspage_component_status(snapshot, code));
		fputs("<li><span>", out);
		markup_text(out, statuspage_text(component, "name"));
		fprintf(out, "</span> <span class=\"state %s\">%s</span>\n",
		    words[w].tone, words[w].words);
		statuspage_days(out, snapshot, code);
		fputs("</li>\n", out);
	}
	fputs("</ul>\n<p class=\"meta\">A bar is a day, the last 90 of them; "
	      "today is at the right. Incidents count, maintenance does "
	      "not.</p>\n",
	    out);
	if (names_no_component(snapshot))
		fputs("<p class=\"meta\">A current incident is not tied to a "
		      "component: what it affects is said there.</p>\n",
		    out);
}

static bool
names_no_component(const json_t *snapshot)
{
	json_t *incident;
	size_t	i;

	json_array_foreach (json_object_get(snapshot, "incidents"), i, incident)
		if (statuspage_is_open(incident) &&
		    json_array_size(json_object_get(incident, "components")) ==
			0)
			return true;
	return false;
}

static void
foot(FILE *out, const json_t *snapshot)
{
	fputs("</main>\n<footer>\n<p>As of ", out);
	moment(out, statuspage_text(snapshot, "generated_at"));
	fputs(". If it is later than ", out);
	moment(out, statuspage_text(snapshot, "stale_after"));
	fputs(", this page is out of date.</p>\n"
	      "<p><a href=\"history.atom\">Atom feed</a> · "
	      "<a href=\"summary.json\">summary.json</a> · "
	      "<a href=\"status.json\">status.json</a></p>\n"
	      "</footer>\n</body>\n</html>\n",
	    out);
}

/*
 * 2026-11-23T05:00:00Z as Sun, Nov 22, 2026, 11:00 p.m. Central Time
 * (Nov 23, 05:00 UTC).
 */
static void
moment(FILE *out, const char *at)
{
	struct tm utc = { 0 }, central;
	char	  text[80], beside[24];
	time_t	  seconds;

	fputs("<time datetime=\"", out);
	markup_text(out, at);
	fputs("\">", out);
	if (strptime(at, "%Y-%m-%dT%H:%M:%S", &utc) == NULL) {
		markup_text(out, at);
	} else {
		seconds = timegm(&utc);
		localtime_r(&seconds, &central);
		strftime(text, sizeof(text), "%a, %b %-d, %Y, %-I:%M",
		    &central);
		strftime(beside, sizeof(beside),
		    utc.tm_mday == central.tm_mday ? "%H:%M" : "%b %-d, %H:%M",
		    &utc);
		fprintf(out, "%s %s Central Time (%s UTC)", text,
		    central.tm_hour < 12 ? "a.m." : "p.m.", beside);
	}
	fputs("</time>", out);
}

/* Its row, or the last one. */
static size_t
word(const char *code)
{
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]) - 1; i++)
		if (strcmp(words[i].code, code) == 0)
			break;
	return i;
}

static const char *
tone(const json_t *of)
{
	const char *severity = statuspage_text(of, "severity");

	if (!statuspage_is_open(of))
		return "past";
	if (strcmp(statuspage_text(of, "kind"), "maintenance") == 0)
		return "maintenance";
	return words[word(severity)].code;
}
