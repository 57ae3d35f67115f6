/*
 * Unit test of Accept and Content-Type.
 */
#include "media_type.h"
#include "unit.h"

#define JSON "application/json"
#define BAD  (-1)

static const struct {
	const char *accept, *type;
	double	    quality;
} accepts[] = {
	{ "", JSON, 1 },
	{ " , ,", JSON, 1 },
	{ "*/*", JSON, 1 },
	{ "application/*", JSON, 1 },
	{ "Application/JSON", JSON, 1 },
	{ "text/*", JSON, 0 },
	{ "application/jsonx", JSON, 0 },
	{ "application/jso", JSON, 0 },
	{ "text/html, application/json", JSON, 1 },
	{ "text/html,application/json;q=0.25", JSON, 0.25 },
	{ "application/json ; q=0.5", JSON, 0.5 },
	{ "application/json;Q=0.5", JSON, 0.5 },
	{ "application/json;q=1.000", JSON, 1 },
	{ "application/json;q=0", JSON, 0 },
	{ "application/json;q=0.", JSON, 0 },
	{ "application/json;", JSON, 1 },
	{ "application/json;;q=0.5;", JSON, 0.5 },
	/* the most specific range decides, wherever it stands */
	{ "*/*;q=0.1, application/*;q=0.2, application/json;q=0.3", JSON, 0.3 },
	{ "application/json;q=0, */*", JSON, 0 },
	{ "*/*, application/*;q=0", JSON, 0 },
	{ "application/json;q=0.9, text/html;q=0.8, application/json;q=0.7",
	    JSON, 0.9 },
	{ "text/plain, application/json;q=0.5, text/html, */*;q=0.1", JSON,
	    0.5 },
	{ "text/plain, application/json;q=0.5, text/html, */*;q=0.1",
	    "image/gif", 0.1 },
	/* a weight is a parameter called q, of its own range */
	{ "text/html;a=\"q=0\", application/json", JSON, 1 },
	{ "application/json;a=\";q=0\"", JSON, 1 },
	{ "application/json;a=\", text/html;q=0\"", JSON, 1 },
	{ "application/json;a=\"\\\";q=0\";q=0.5", JSON, 0.5 },
	{ "application/json;xq=0", JSON, 1 },
	{ "application/json;q=0.5;a=b;b=\"q=1\"", JSON, 0.5 },
	{ "text/html;q=0.5, application/json, text/css;q=0.1", JSON, 1 },
	{ "text/html;foo=\"bar,application/json;\";fizz=\"x,5\"", JSON, 0 },
	{ "text/html;foo=\"bar\\\"\", application/json;q=0.5", JSON, 0.5 },
	/* a range with parameters is for what has them, if there is another */
	{ "application/json;indent=4", JSON, 1 },
	{ "application/json;indent=4;q=0.5", JSON, 0.5 },
	{ "text/html;level=1, text/html;q=0.5", "text/html", 0.5 },
	{ "text/html;level=1;q=0.3, text/*;q=0.7", "text/html", 0.7 },
	{ "text/html;level=1;q=0, */*;q=0.7", "text/html", 0.7 },
	{ "application/json;charset=utf-8;q=0.3, */*", JSON, 0.3 },
	{ "application/json;charset=\"UTF-8\";q=0.3, */*", JSON, 0.3 },
	{ "application/json;charset=utf-16;q=0.3, */*", JSON, 1 },
	/* what Java's URLConnection sends */
	{ "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", JSON, 0.2 },
	{ "*", JSON, 1 },
	{ "*;q=0.5, text/html", JSON, 0.5 },
	/* malformed */
	{ "application/json;q=nan", JSON, BAD },
	{ "application/json;q=5", JSON, BAD },
	{ "application/json;q=-1", JSON, BAD },
	{ "application/json;q=1.001", JSON, BAD },
	{ "application/json;q=1.5", JSON, BAD },
	{ "application/json;q=2", JSON, BAD },
	{ "application/json;q=10", JSON, BAD },
	{ "application/json;q=00", JSON, BAD },
	{ "application/json;q=0.1234", JSON, BAD },
	{ "application/json;q=0.5x", JSON, BAD },
	{ "application/json;q=1e0", JSON, BAD },
	{ "application/json;q=0,5", JSON, BAD },
	{ "application/json;q=.", JSON, BAD },
	{ "application/json;q=", JSON, BAD },
	{ "application/json;q", JSON, BAD },
	{ "application/json;q =1", JSON, BAD },
	{ "application/json;q= 1", JSON, BAD },
	{ "application/json;q=\"0.5\"", JSON, BAD },
	{ "application/json;q=0.5;q=0.6", JSON, BAD },
	{ "application/json;a", JSON, BAD },
	{ "application/json;a=", JSON, BAD },
	{ "application/json;=a", JSON, BAD },
	{ "application/json;a=\"b", JSON, BAD },
	{ "application/json;a=b c", JSON, BAD },
	{ "application/json text/html", JSON, BAD },
	{ "application/json;text/html", JSON, BAD },
	{ "application", JSON, BAD },
	{ "application/", JSON, BAD },
	{ "/json", JSON, BAD },
	{ "application//json", JSON, BAD },
	{ "application/json/x", JSON, BAD },
	{ "application /json", JSON, BAD },
	{ "*/json", JSON, BAD },
	{ "*/", JSON, BAD },
	{ "**", JSON, BAD },
	{ ";q=1", JSON, BAD },
	{ "\"application/json\"", JSON, BAD },
	{ "application/json, text/html;q=x", JSON, BAD },
};

static const struct {
	const char *value, *name, *charset; /* NULL: it is none */
} types[] = {
	{ "text/plain", "text/plain", "" },
	{ "Text/PLAIN", "text/plain", "" },
	{ "text/plain ; charset=UTF-8", "text/plain", "UTF-8" },
	{ "text/plain;charset=\"utf-8\"", "text/plain", "utf-8" },
	{ "text/plain;charset=\"u\\tf-8\"", "text/plain", "utf-8" },
	{ "text/plain;x=\"charset=a\";Charset=b", "text/plain", "b" },
	{ "text/plain;xcharset=a", "text/plain", "" },
	{ "text/plain;", "text/plain", "" },
	{ "text/plain; ; a=b;", "text/plain", "" },
	{ "application/vnd.ms-excel", "application/vnd.ms-excel", "" },
	{ "image/svg+xml", "image/svg+xml", "" },
	{ "", NULL, NULL },
	{ "text", NULL, NULL },
	{ "text/", NULL, NULL },
	{ "/plain", NULL, NULL },
	{ "text/plain/x", NULL, NULL },
	{ "text/*", NULL, NULL },
	{ "*/*", NULL, NULL },
	{ "text/plain, text/html", NULL, NULL },
	{ "text/plain charset=utf-8", NULL, NULL },
	{ "text/plain;charset", NULL, NULL },
	{ "text/plain;charset=", NULL, NULL },
	{ "text/plain;charset=\"\"", NULL, NULL },
	{ "text/plain;charset=\"a b\"", NULL, NULL },
	{ "text/plain;charset=\"a", NULL, NULL },
	{ "text/plain;charset=a;charset=a", NULL, NULL },
	{ "text/plain;charset=a;charset=b", NULL, NULL },
	{ "text/plain;charset =a", NULL, NULL },
	{ "text/plain;charset=12345678901234567890123456789012345678901", NULL,
	    NULL },
};

static void
test_the_most_specific_range_tells_how_much_it_is_wanted(void)
{
	const char *where;
	double	    q;
	size_t	    i;

	for (i = 0; i < sizeof(accepts) / sizeof(accepts[0]); i++) {
		unit_case = accepts[i].accept;
		q = media_type_quality(accepts[i].accept, accepts[i].type,
		    &where);
		CHECK(q > accepts[i].quality - 0.0001 &&
		    q < accepts[i].quality + 0.0001);
	}
}

static void
test_the_place_of_a_malformed_range_is_told(void)
{
	const char *accept = "text/html, a/b;q=0.5 , c/d;q=7, e/f", *where;

	CHECK(media_type_quality(accept, JSON, &where) < 0);
	CHECK(where == strstr(accept, "c/d"));
}

static void
test_a_content_type_is_read(void)
{
	struct media_type type;
	size_t		  i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		unit_case = types[i].value;
		CHECK(media_type_read(types[i].value, &type) ==
		    (types[i].name != NULL));
		if (types[i].name == NULL)
			continue;
		CHECK_STR(type.name, types[i].name);
		CHECK_STR(type.charset, types[i].charset);
	}
}

static void
test_a_type_has_255_bytes_at_most(void)
{
	struct media_type type;
	char		  value[300] = "text/";

	memset(value + 5, 'x', MEDIA_TYPE_MAX - 5);
	CHECK(media_type_read(value, &type));
	CHECK_STR(type.name, value);
	value[MEDIA_TYPE_MAX] = 'x';
	CHECK(!media_type_read(value, &type));
}

static void
test_text_is_utf8(void)
{
	static const char *const good[] = { JSON, JSON ";charset=utf-8",
		JSON "; Charset=\"UTF-8\"", JSON ";charset=utf8",
		JSON ";a=\"charset=latin1\"", JSON ";a=b" };
	static const char *const bad[] = { JSON ";charset=utf-8x",
		JSON ";charset=\"utf-8\"x", JSON ";charset=utf-16",
		JSON ";charset=iso-8859-1", JSON ";charset=utf-8;charset=utf-8",
		JSON ";charset=utf-8;charset=latin1", JSON ";charset=utf",
		JSON ";charset=\"utf-8 \"", JSON "x", JSON ";x", "text/json" };
	size_t			 i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		unit_case = good[i];
		CHECK(media_type_is(good[i], JSON));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		unit_case = bad[i];
		CHECK(!media_type_is(bad[i], JSON));
	}
}

static void
test_what_browsers_call_otherwise_has_its_registered_name(void)
{
	CHECK_STR(media_type_registered("image/jpg"), "image/jpeg");
	CHECK_STR(media_type_registered("application/x-zip-compressed"),
	    "application/zip");
	CHECK_STR(media_type_registered("application/vnd.ms-excel"),
	    "application/vnd.ms-excel");
}

int
main(void)
{
	RUN(test_the_most_specific_range_tells_how_much_it_is_wanted);
	RUN(test_the_place_of_a_malformed_range_is_told);
	RUN(test_a_content_type_is_read);
	RUN(test_a_type_has_255_bytes_at_most);
	RUN(test_text_is_utf8);
	RUN(test_what_browsers_call_otherwise_has_its_registered_name);
	return unit_end("media_type");
}
