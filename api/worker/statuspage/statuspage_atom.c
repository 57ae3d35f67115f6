/*
 * history.atom (RFC 4287): an entry per incident and maintenance, with all that
 * was said of it, newest first.
 */
#include "markup.h"
#include "statuspage_atom.h"
#include "statuspage_model.h"

static void entry(FILE *, const json_t *, const char *);
static void element(FILE *, const char *, const char *);

void
statuspage_atom(FILE *out, const json_t *snapshot)
{
	const json_t *on = json_object_get(snapshot, "page");
	const char   *url = statuspage_text(on, "url");
	json_t	     *all = statuspage_all(snapshot), *of;
	size_t	      i;

	fputs("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
	      "<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"en\">\n",
	    out);
	fputs("<id>", out);
	markup_text(out, url);
	fputs("/history.atom</id>\n<link rel=\"self\" "
	      "type=\"application/atom+xml\" href=\"",
	    out);
	markup_text(out, url);
	fputs("/history.atom\"/>\n<link rel=\"alternate\" type=\"text/html\" "
	      "href=\"",
	    out);
	markup_text(out, url);
	fputs("/\"/>\n", out);
	element(out, "title", statuspage_text(on, "name"));
	element(out, "updated", statuspage_updated_at(snapshot));
	fputs("<author>", out);
	element(out, "name", statuspage_text(on, "name"));
	fputs("</author>\n", out);
	/* extension elements: how long the file is good for */
	fputs("<freshness xmlns=\"urn:casework:status\">\n", out);
	element(out, "generated_at", statuspage_text(snapshot, "generated_at"));
	element(out, "stale_after", statuspage_text(snapshot, "stale_after"));
	fputs("</freshness>\n", out);
	json_array_foreach (all, i, of)
		entry(out, of, url);
	fputs("</feed>\n", out);
	json_decref(all);
}

static void
entry(FILE *out, const json_t *of, const char *url)
{
	const json_t *updates = json_object_get(of, "updates"), *update;
	size_t	      i;

	fputs("<entry>\n<id>", out);
	markup_text(out, url);
	fputs("/incidents/", out);
	markup_text(out, statuspage_text(of, "id"));
	fputs("</id>\n<link rel=\"alternate\" type=\"text/html\" href=\"", out);
	markup_text(out, url);
	fputs("/#incident-", out);
	markup_text(out, statuspage_text(of, "id"));
	fputs("\"/>\n", out);
	element(out, "title", statuspage_text(of, "title"));
	element(out, "published", statuspage_text(of, "created_at"));
	element(out, "updated", statuspage_text(of, "updated_at"));
	fputs("<content type=\"xhtml\">"
	      "<div xmlns=\"http://www.w3.org/1999/xhtml\">\n",
	    out);
	for (i = json_array_size(updates); i-- > 0;) {
		update = json_array_get(updates, i);
		fputs("<p><strong>", out);
		markup_text(out, statuspage_text(update, "status"));
		fputs("</strong>, ", out);
		markup_text(out, statuspage_text(update, "at"));
		fputs(": ", out);
		markup_text(out, statuspage_text(update, "text"));
		fputs("</p>\n", out);
	}
	fputs("</div></content>\n</entry>\n", out);
}

static void
element(FILE *out, const char *name, const char *text)
{
	fprintf(out, "<%s>", name);
	markup_text(out, text);
	fprintf(out, "</%s>\n", name);
}
