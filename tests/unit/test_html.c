/*
 * Unit test of html.c: what of a text becomes markup, and that nothing else
 * does.
 */
#include "html.h"
#include "unit.h"

#define HEAD                                                       \
	"<!doctype html>\n"                                        \
	"<html lang=\"en\">\n"                                     \
	"<head><meta charset=\"utf-8\">"                           \
	"<meta name=\"viewport\" content=\"width=device-width\">"  \
	"<meta name=\"color-scheme\" content=\"light dark\">"      \
	"<title>T</title></head>\n"                                \
	"<body style=\"margin:0 auto;padding:16px;max-width:40em;" \
	"background:Canvas;color:CanvasText;"                      \
	"overflow-wrap:anywhere;font:16px/1.5 system-ui,"          \
	"-apple-system,'Segoe UI',Helvetica,Arial,sans-serif\">\n"
#define TAIL "</body>\n</html>\n"

static const char *const own[] = { "http://127.0.0.1:8080",
	"https://desk.example/portal", "", NULL };

static struct arena *arena;

static const char *
build(const char *text)
{
	return html_build(arena, &(struct html_text){ "T", text, own });
}

static void
check(const char *text, const char *html)
{
	unit_case = text;
	CHECK_STR(build(text), arena_printf(arena, HEAD "%s" TAIL, html));
}

static void
test_an_empty_line_ends_a_paragraph(void)
{
	check("", "");
	check("\n\n", "");
	check("a\n", "<p dir=\"auto\">a</p>\n");
	check("a\nb\n\n \n\nc",
	    "<p dir=\"auto\">a<br>\nb</p>\n<p dir=\"auto\">c</p>\n");
}

static void
test_nothing_people_write_is_markup(void)
{
	check("<img src=\"https://evil.example/x\"> & 'y'",
	    "<p dir=\"auto\">&lt;img src=&quot;https://evil.example/x&quot;"
	    "&gt; &amp; &#39;y&#39;</p>\n");
	check("&lt;b&gt;", "<p dir=\"auto\">&amp;lt;b&amp;gt;</p>\n");
	check("</p></body><script>",
	    "<p dir=\"auto\">&lt;/p&gt;&lt;/body&gt;&lt;script&gt;</p>\n");
	check("a\x01\x1b[0m\x7f"
	      "b\r\n",
	    "<p dir=\"auto\">a  [0m b </p>\n");
	CHECK_HAS(html_build(arena,
		      &(struct html_text){ "</title><script>", "", own }),
	    "<title>&lt;/title&gt;&lt;script&gt;</title>");
}

static void
test_our_own_urls_are_links(void)
{
	check("See https://desk.example/portal/cases/1.",
	    "<p dir=\"auto\">See <a href=\"https://desk.example/portal/cases/1"
	    "\">https://desk.example/portal/cases/1</a>.</p>\n");
	check("https://desk.example/portal\nhttp://127.0.0.1:8080/a?b=1&c=2",
	    "<p dir=\"auto\"><a href=\"https://desk.example/portal\">"
	    "https://desk.example/portal</a><br>\n"
	    "<a href=\"http://127.0.0.1:8080/a?b=1&amp;c=2\">"
	    "http://127.0.0.1:8080/a?b=1&amp;c=2</a></p>\n");
	check("(https://desk.example/portal) https://desk.example/portal?",
	    "<p dir=\"auto\">(<a href=\"https://desk.example/portal\">"
	    "https://desk.example/portal</a>) "
	    "<a href=\"https://desk.example/portal\">"
	    "https://desk.example/portal</a>?</p>\n");
	check("https://desk.example/portal/\"onclick=alert(1)",
	    "<p dir=\"auto\"><a href=\"https://desk.example/portal/\">"
	    "https://desk.example/portal/</a>&quot;onclick=alert(1)</p>\n");
}

static void
test_urls_of_others_are_not(void)
{
	static const char *const others[] = { "https://evil.example/",
		"http://127.0.0.1:80800/", "http://127.0.0.1:8080.evil.example",
		"http://127.0.0.1:8080@evil.example/",
		"http://127.0.0.1:8080:x@evil.example/",
		"https://desk.example/portal-evil", "https://desk.example/",
		"javascript:alert(1)", "hhhhttps://desk.example",
		"HTTPS://DESK.EXAMPLE/portal",
		"data:text/html;base64,PHNjcmlwdD4=", "mailto:a@desk.example" };
	size_t			 i;

	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		check(others[i],
		    arena_printf(arena, "<p dir=\"auto\">%s</p>\n", others[i]));
}

int
main(void)
{
	arena = arena_new();
	RUN(test_an_empty_line_ends_a_paragraph);
	RUN(test_nothing_people_write_is_markup);
	RUN(test_our_own_urls_are_links);
	RUN(test_urls_of_others_are_not);
	arena_free(arena);
	return unit_end("html");
}
