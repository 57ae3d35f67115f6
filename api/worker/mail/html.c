/*
 * Text as simple HTML: an empty line ends a paragraph, any other a line. What
 * people write can name any URL, and a mail of the desk lends it the desk's
 * name: so a link is only what leads to the service, its portal or its status
 * page. Everything else is there to be read.
 */
#include <stdbool.h>
#include <string.h>

#include "builder.h"
#include "html.h"

static const char start[] =
    "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width\">"
    "<meta name=\"color-scheme\" content=\"light dark\"><title>";
/* Programs that leave out what a head says keep what an element says. */
static const char body[] =
    "</title></head>\n<body style=\"margin:0 auto;padding:16px;"
    "max-width:40em;background:Canvas;color:CanvasText;"
    "overflow-wrap:anywhere;font:16px/1.5 system-ui,"
    "-apple-system,'Segoe UI',Helvetica,Arial,sans-serif\">\n";
static const char end[] = "</body>\n</html>\n";

static size_t url_length(const char *, const char *const *own);
static void   add_line(struct builder *, const char *, size_t,
      const char *const *own);
static void   add_escaped(struct builder *, const char *, size_t);

const char *
html_build(struct arena *arena, const struct html_text *m)
{
	struct builder out = { .arena = arena };
	const char    *line = m->text;
	bool	       inside = false;
	size_t	       n;

	builder_add(&out, start);
	add_escaped(&out, m->title, strlen(m->title));
	builder_add(&out, body);
	for (; *line != '\0'; line += n + (line[n] == '\n')) {
		n = strcspn(line, "\n");
		if (strspn(line, " \t\r") >= n) {
			builder_add(&out, inside ? "</p>\n" : "");
			inside = false;
			continue;
		}
		/* a paragraph may be in a language of its own */
		builder_add(&out, inside ? "<br>\n" : "<p dir=\"auto\">");
		inside = true;
		add_line(&out, line, n, m->own);
	}
	builder_add(&out, inside ? "</p>\n" : "");
	builder_add(&out, end);
	return builder_text(&out);
}

static void
add_line(struct builder *out, const char *line, size_t n,
    const char *const *own)
{
	size_t done = 0, at, url;

	for (at = 0; at < n; at += url == 0 ? 1 : url) {
		url = line[at] == 'h' ? url_length(line + at, own) : 0;
		if (url == 0)
			continue;
		add_escaped(out, line + done, at - done);
		builder_add(out, "<a href=\"");
		add_escaped(out, line + at, url);
		builder_add(out, "\">");
		add_escaped(out, line + at, url);
		builder_add(out, "</a>");
		done = at + url;
	}
	add_escaped(out, line + done, n - done);
}

/* Of a URL; what could end one in a text, or change what it means, does. */
static bool
is_url_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-._~/?#&=%+", c) != NULL);
}

/*
 * How long the URL at s is that leads to one of ours; 0 if there is none. The
 * host has to end where ours does: https://ours.evil.example is another's, and
 * so is https://ours@evil.example.
 */
static size_t
url_length(const char *s, const char *const *own)
{
	size_t n, base;

	for (; *own != NULL; own++) {
		base = strlen(*own);
		if (base == 0 || strncmp(s, *own, base) != 0)
			continue;
		for (n = base; is_url_character(s[n]); n++)
			;
		while (n > base && strchr(".?", s[n - 1]) != NULL)
			n--;
		if (n == base ? s[n] != ':' && s[n] != '@' :
				strchr("/?#", s[base]) != NULL)
			return n;
	}
	return 0;
}

/* Control characters are in no HTML: a space stands for each. */
static void
add_escaped(struct builder *out, const char *s, size_t n)
{
	static const struct {
		char	    c;
		const char *entity;
	} entities[] = {
		{ '&', "&amp;" },
		{ '<', "&lt;" },
		{ '>', "&gt;" },
		{ '"', "&quot;" },
		{ '\'', "&#39;" },
	};
	size_t i, e;

	for (i = 0; i < n; i++) {
		for (e = 0; e < sizeof(entities) / sizeof(entities[0]); e++)
			if (s[i] == entities[e].c)
				break;
		if (e < sizeof(entities) / sizeof(entities[0]))
			builder_add(out, entities[e].entity);
		else if ((unsigned char)s[i] < ' ' || s[i] == 0x7f)
			builder_add(out, " ");
		else
			builder_add_bytes(out, s + i, 1);
	}
}
