/*
 * Unit test of the status feed: text into markup, signed text, the operator's
 * updates, and files from a snapshot.
 */
#include <sys/stat.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "markup.h"
#include "statuspage_atom.h"
#include "statuspage_documents.h"
#include "statuspage_files.h"
#include "statuspage_html.h"
#include "statuspage_model.h"
#include "statuspage_operator.h"
#include "statuspage_snapshot.h"
#include "unit.h"

static const char snapshot_text[] =
    "{\"generated_at\":\"2026-11-23T16:00:00Z\","
    "\"stale_after\":\"2026-11-23T16:15:00Z\","
    "\"components\":[{\"code\":\"grade_book\",\"name\":\"Grade Book\"},"
    "{\"code\":\"hosting\",\"name\":\"Hosting\"}],"
    "\"incidents\":[{\"id\":\"7\",\"kind\":\"incident\",\"title\":\"<Slow>\","
    "\"severity\":\"major\",\"status\":\"awareness\","
    "\"components\":[\"grade_book\"],\"created_at\":\"2026-11-23T15:00:00Z\","
    "\"updated_at\":\"2026-11-23T15:30:00Z\",\"resolved_at\":null,"
    "\"updates\":[{\"id\":1,\"status\":\"awareness\",\"text\":\"We & you\","
    "\"at\":\"2026-11-23T15:00:00Z\"}]}],"
    "\"maintenances\":[{\"id\":\"8\",\"kind\":\"maintenance\","
    "\"title\":\"Upgrade\",\"severity\":\"none\",\"status\":\"scheduled\","
    "\"components\":[\"hosting\"],\"created_at\":\"2026-11-23T15:10:00Z\","
    "\"updated_at\":\"2026-11-23T15:10:00Z\",\"resolved_at\":null,"
    "\"scheduled_from\":\"2026-12-05T10:00:00Z\","
    "\"scheduled_until\":\"2026-12-05T12:00:00Z\","
    "\"updates\":[{\"id\":2,\"status\":\"scheduled\",\"text\":\"Soon\","
    "\"at\":\"2026-11-23T15:10:00Z\"}]}]}";

static char	   err[512];
static const char *dir, *key_file;

static bool
published(const char *snapshot, const char *directory)
{
	const struct statuspage_settings settings = {
		.directory = directory,
		.key_file = key_file,
		.url = "https://status.casework.example",
		.name = "",
	};

	return statuspage_publish(snapshot, &settings, err, sizeof(err));
}

static json_t *
a_snapshot(void)
{
	return json_loads(snapshot_text, 0, NULL);
}

static char *
rendered(void (*render)(FILE *, const json_t *), const json_t *snapshot)
{
	char  *text = NULL;
	size_t size;
	FILE  *out = open_memstream(&text, &size);

	render(out, snapshot);
	fclose(out);
	return text;
}

static void
test_text_stands_for_itself_in_markup(void)
{
	static const struct {
		const char *text;
		const char *markup;
	} cases[] = {
		{ "", "" },
		{ "a<b>&\"'", "a&lt;b&gt;&amp;&quot;&#39;" },
		{ "&amp;", "&amp;amp;" },
		{ "\t\n\r", "\t\n\r" },
		{ "\x01\x1f\x7f", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		    "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80" },
		/* a C1 control, a non-character, a surrogate, overlong '<' */
		{ "\xc2\x85", "\xef\xbf\xbd" },
		{ "\xef\xbf\xbf", "\xef\xbf\xbd" },
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xc0\xbc", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xe0\x80\xbc", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" },
		/* cut short, and followed by what must not be swallowed */
		{ "\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd" },
		{ "\xf0\x9f<", "\xef\xbf\xbd\xef\xbf\xbd&lt;" },
		{ "\xff<", "\xef\xbf\xbd&lt;" },
	};
	char  *text = NULL;
	size_t size, i;
	FILE  *out;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].text;
		out = open_memstream(&text, &size);
		markup_text(out, cases[i].text);
		fclose(out);
		CHECK_STR(text, cases[i].markup);
		free(text);
	}
}

static void
test_only_the_key_opens_what_it_has_signed(void)
{
	struct statuspage_key key = { .len = 32 },
			      other = { .secret = "x", .len = 32 };
	json_t *content = a_snapshot(), *back;
	char   *text = statuspage_sign(&key, content), *at;

	back = statuspage_verify(&key, text, err, sizeof(err));
	CHECK(json_equal(back, content));
	json_decref(back);
	CHECK(statuspage_verify(&other, text, err, sizeof(err)) == NULL);
	CHECK_HAS(err, "signature");
	at = strstr(text, "major");
	memcpy(at, "minor", 5);
	CHECK(statuspage_verify(&key, text, err, sizeof(err)) == NULL);
	CHECK(statuspage_verify(&key, "{}", err, sizeof(err)) == NULL);
	CHECK(statuspage_verify(&key, "[]", err, sizeof(err)) == NULL);
	CHECK(statuspage_verify(&key, "{\"content\":1,\"hmac_sha256\":\"\"}",
		  err, sizeof(err)) == NULL);
	CHECK(statuspage_verify(&key, "{", err, sizeof(err)) == NULL);
	CHECK_HAS(err, "not JSON");
	free(text);
	json_decref(content);
}

static void
test_the_gravest_open_incident_is_the_indicator(void)
{
	json_t *snapshot = a_snapshot(), *of = statuspage_find(snapshot, "7");

	CHECK_STR(statuspage_indicator(snapshot), "major");
	CHECK_STR(statuspage_component_status(snapshot, "grade_book"),
	    "partial_outage");
	CHECK_STR(statuspage_component_status(snapshot, "hosting"),
	    "operational");
	json_object_set_new(of, "resolved_at",
	    json_string("2026-11-23T16:00:00Z"));
	CHECK_STR(statuspage_indicator(snapshot), "none");
	of = statuspage_find(snapshot, "8");
	json_object_set_new(of, "status", json_string("in_progress"));
	CHECK_STR(statuspage_indicator(snapshot), "maintenance");
	CHECK_STR(statuspage_component_status(snapshot, "hosting"),
	    "under_maintenance");
	CHECK(statuspage_find(snapshot, "9") == NULL);
	json_decref(snapshot);
}

static void
test_a_snapshot_that_is_none_is_refused(void)
{
	static const char *const members[] = { "id", "kind", "title",
		"severity", "status", "created_at", "updated_at", "updates" };
	static const char *const ids[] = { "", ".", "../x", "a/b", "a.b",
		"a b" };
	json_t			*snapshot;
	size_t			 i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		unit_case = members[i];
		snapshot = a_snapshot();
		json_object_del(statuspage_find(snapshot, "7"), members[i]);
		CHECK(!statuspage_check(snapshot, err, sizeof(err)));
		CHECK_HAS(err, "incidents[0]");
		json_decref(snapshot);
	}
	for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		unit_case = ids[i];
		snapshot = a_snapshot();
		json_object_set_new(statuspage_find(snapshot, "7"), "id",
		    json_string(ids[i]));
		CHECK(!statuspage_check(snapshot, err, sizeof(err)));
		json_decref(snapshot);
	}
	CHECK(!published("{}", dir));
	CHECK_HAS(err, "generated_at");
	CHECK(!published("[]", dir));
	CHECK(!published("{", dir));
}

static void
test_pages_say_what_the_snapshot_says(void)
{
	json_t *snapshot = a_snapshot(), *summary;
	char   *html = rendered(statuspage_html, snapshot);
	char   *atom = rendered(statuspage_atom, snapshot);

	CHECK_HAS(html, "<h3>&lt;Slow&gt;</h3>");
	CHECK_HAS(html, "We &amp; you");
	CHECK_HAS(html, "Sat, Dec 5, 2026, 4:00 a.m. Central Time (10:00 UTC)");
	CHECK_HAS(html, "Partial outage");
	CHECK_HAS(atom, "<title>&lt;Slow&gt;</title>");
	/* the later one first */
	CHECK(strstr(atom, "Upgrade") < strstr(atom, "Slow"));
	summary = statuspage_summary_json(snapshot);
	CHECK(json_array_size(json_object_get(summary, "incidents")) == 1);
	json_decref(summary);
	free(html);
	free(atom);
	json_decref(snapshot);
}

/* The bar of a day: "<rect class="major" …><title>Nov 22, 2026: major impact". */
static bool
barred(const char *html, const char *severity, const char *title)
{
	char bar[160];
	int  x;

	for (x = 0; x < 450; x += 5) {
		snprintf(bar, sizeof(bar),
		    "<rect class=\"%s\" x=\"%d\" width=\"4\" height=\"20\">"
		    "<title>%s</title></rect>",
		    severity, x, title);
		if (strstr(html, bar) != NULL)
			return true;
	}
	return false;
}

/* 04:00 UTC is still the day before, in Central Time. */
static void
test_a_bar_is_a_day_in_central_time(void)
{
	json_t *snapshot = a_snapshot();
	json_t *of = statuspage_find(snapshot, "7");
	char   *html;

	json_object_set_new(snapshot, "generated_at",
	    json_string("2026-11-25T16:00:00Z"));
	json_object_set_new(of, "created_at",
	    json_string("2026-11-22T04:00:00Z"));
	json_object_set_new(of, "resolved_at",
	    json_string("2026-11-24T05:59:59Z"));
	html = rendered(statuspage_html, snapshot);
	CHECK(barred(html, "none", "Nov 20, 2026: no incident"));
	CHECK(barred(html, "major", "Nov 21, 2026: major impact"));
	CHECK(barred(html, "major", "Nov 22, 2026: major impact"));
	CHECK(barred(html, "major", "Nov 23, 2026: major impact"));
	CHECK(barred(html, "none", "Nov 24, 2026: no incident"));
	CHECK(barred(html, "none", "Aug 28, 2026: no incident"));
	CHECK(!barred(html, "none", "Aug 27, 2026: no incident"));
	CHECK_HAS(html,
	    "aria-label=\"The last 90 days: Nov 21, 2026 major impact, "
	    "Nov 22, 2026 major impact, Nov 23, 2026 major impact\"");
	CHECK_HAS(html, "aria-label=\"The last 90 days: no incident\"");
	free(html);

	/* as long as it is open it counts on, and the gravest stands */
	json_object_del(of, "resolved_at");
	json_object_set_new(of, "severity", json_string("critical"));
	json_object_set_new(of, "created_at",
	    json_string("2025-01-01T04:00:00Z"));
	html = rendered(statuspage_html, snapshot);
	CHECK(barred(html, "critical", "Aug 28, 2026: critical impact"));
	CHECK(barred(html, "critical", "Nov 25, 2026: critical impact"));
	free(html);
	json_decref(snapshot);
}

static void
test_the_operators_update_joins_the_snapshot(void)
{
	json_t *snapshot = a_snapshot(), *update, *of;

	update = json_pack("{s:s, s:s, s:s, s:s}", "incident", "7", "status",
	    "resolved", "text", "Done", "at", "2026-11-23T17:00:00Z");
	CHECK(statuspage_apply(snapshot, update, err, sizeof(err)));
	of = statuspage_find(snapshot, "7");
	CHECK(!statuspage_is_open(of));
	CHECK_STR(statuspage_text(statuspage_latest(of), "text"), "Done");
	CHECK_STR(statuspage_updated_at(snapshot), "2026-11-23T17:00:00Z");
	CHECK(!statuspage_apply(snapshot, update, err, sizeof(err)));
	CHECK_HAS(err, "open a new one");
	json_object_set_new(update, "incident", json_string("8"));
	CHECK(!statuspage_apply(snapshot, update, err, sizeof(err)));
	CHECK_HAS(err, "maintenance");
	json_decref(update);
	json_decref(snapshot);
}

static void
test_updates_that_wait_keep_a_snapshot_from_replacing_them(void)
{
	char  path[256], *before, *after;
	FILE *out;

	CHECK(published(snapshot_text, dir));
	before = statuspage_read(dir, "index.html");
	snprintf(path, sizeof(path), "%s/%s", dir, STATUSPAGE_UPDATES);
	out = fopen(path, "w");
	fclose(out);
	CHECK(!published(snapshot_text, dir));
	CHECK_HAS(err, "wait for their import");
	after = statuspage_read(dir, "index.html");
	CHECK_STR(after, before);
	unlink(path);
	CHECK(published(snapshot_text, dir));
	free(before);
	free(after);
}

static void
test_a_directory_that_cannot_be_written_is_named(void)
{
	CHECK(!published(snapshot_text, "/proc/nowhere"));
	CHECK_HAS(err, "/proc/nowhere");
	CHECK(!published(snapshot_text, ""));
	CHECK_HAS(err, "STATUS_DIR");
}

/* A directory of its own, with the key in it; removed at the end. */
static void
make_directory(char *template)
{
	static char path[256];
	FILE	   *key;

	dir = mkdtemp(template);
	snprintf(path, sizeof(path), "%s/status.key", dir);
	key = fopen(path, "w");
	fputs("0123456789abcdef0123456789abcdef", key);
	fclose(key);
	key_file = path;
}

static void
remove_directory(void)
{
	static const char *const names[] = { "status.key", ".lock",
		"snapshot.json", "status.json", "summary.json", "history.atom",
		"index.html", "incidents/7.json", "incidents/8.json" };
	char			 path[256];
	size_t			 i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		unit_case = names[i];
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		CHECK(unlink(path) == 0);
	}
	snprintf(path, sizeof(path), "%s/incidents", dir);
	CHECK(rmdir(path) == 0);
	CHECK(rmdir(dir) == 0);
}

int
main(void)
{
	char template[] = "/tmp/casework-status-XXXXXX";

	setenv("TZ", STATUSPAGE_TZ, 1);
	tzset();
	make_directory(template);
	RUN(test_text_stands_for_itself_in_markup);
	RUN(test_only_the_key_opens_what_it_has_signed);
	RUN(test_the_gravest_open_incident_is_the_indicator);
	RUN(test_a_snapshot_that_is_none_is_refused);
	RUN(test_pages_say_what_the_snapshot_says);
	RUN(test_a_bar_is_a_day_in_central_time);
	RUN(test_the_operators_update_joins_the_snapshot);
	RUN(test_updates_that_wait_keep_a_snapshot_from_replacing_them);
	RUN(test_a_directory_that_cannot_be_written_is_named);
	RUN(remove_directory);
	return unit_end("statuspage");
}
