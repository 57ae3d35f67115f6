/*
 * What a request may cost, whatever its shape: each shape below repeats a piece
 * until a limit stops it. Twice as many pieces cost about twice as much, and as
 * many as fit cost no more than twenty ordinary requests. Counted in steps
 * (tests/price), never in seconds.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "http_message.h"
#include "price.h"
#include "unit.h"

#define ROOM		(8 << 20)
#define MEMORY		65536 /* bytes that any request may take, besides … */
#define MEMORY_PER_BYTE 32
#define ANSWER_MAX	8192

#define GET(target)                                               \
	"GET " target " HTTP/1.1\r\nHost: a\r\nUser-Agent: x\r\n" \
	"Accept: */*\r\n"
#define LIST(field) "GET /v1/calendar HTTP/1.1\r\nHost: a\r\n" field ": "
#define CASES \
	"POST /v1/cases HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact\r\n"
#define LARGE \
	"POST /v1/cases HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer staff\r\n"
#define UPLOAD \
	"POST /v1/cases/1/attachments HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact\r\nContent-Type: text/plain\r\n"
#define SURVEY \
	"POST /v1/surveys/abcdefghijklmnopqrstuvwxyz012345/response HTTP/1.1\r\nHost: a\r\n"
#define OPT_OUT \
	"POST /v1/survey-opt-out/abcdefghijklmnopqrstuvwxyz012345 HTTP/1.1\r\nHost: a\r\n"
#define JSON  "Content-Type: application/json\r\n"
#define FORM  "Content-Type: application/x-www-form-urlencoded\r\n"
#define PAGE  "Accept: text/html\r\n"
#define PARTS "Content-Type: multipart/form-data; boundary=b\r\n"
#define X100 \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define ESCAPED "\"\\n" X100 X100 X100 X100 X100 X100 X100 "\","
#define CHUNKED "Transfer-Encoding: chunked\r\n\r\n"
#define REST	" HTTP/1.1\r\nHost: a\r\n\r\n"
#define END	"\r\n\r\n"

/*
 * Start, pieces, end; # in a piece is its number. Where there is a body, it is
 * the pieces between open and end, and its length is told.
 */
static const struct shape {
	const char *name;
	int	    status; /* with all pieces */
	size_t	    count;  /* of pieces, as many as fit */
	const char *start, *piece, *end;
	const char *open; /* of a body */
} shapes[] = {
	/* the request target */
	{ "unknown parameters", 400, 3900, "GET /v1/calendar?", "a&", REST,
	    NULL },
	{ "unknown parameters with values", 400, 1000, "GET /v1/calendar?",
	    "p#=1&", REST, NULL },
	{ "a parameter of a long list again and again", 400, 1300,
	    "GET /v1/cases?", "limit&",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "a parameter again and again", 400, 480, "GET /v1/calendar?",
	    "from=2026-01-01&", REST, NULL },
	{ "bad encodings", 400, 1990, "GET /v1/calendar?", "%f&", REST, NULL },
	{ "bad encodings in values", 400, 1590, "GET /v1/calendar?", "a=%&",
	    REST, NULL },
	{ "ampersands", 503, 7900, "GET /v1/calendar?", "&", REST, NULL },
	{ "a long name", 400, 7900, "GET /v1/calendar?", "n", REST, NULL },
	{ "a long name of escapes", 400, 2600, "GET /v1/calendar?", "%22", REST,
	    NULL },
	{ "a long value", 400, 7900, "GET /v1/calendar?from=", "1", REST,
	    NULL },
	{ "an invisible value", 400, 870,
	    "GET /v1/cases?subject_contains=", "%E2%80%8B",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "a list parameter", 400, 3900, "GET /v1/announcements?kind=", "a,",
	    REST, NULL },
	{ "an empty list parameter", 400, 7900,
	    "GET /v1/announcements?kind=", ",", REST, NULL },
	{ "a list in as many parameters as fit", 400, 900, "GET /v1/cases?",
	    "id=#&",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "lists in as many parameters as there may be", 503, 49,
	    "GET /v1/cases?", "id=1#&site_id=1#&contact_id=1#&district_id=1#&",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "encoded commas of a list", 400, 2600, "GET /v1/cases?status=", "%2C",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "commas of a list of texts", 400, 7800,
	    "GET /v1/cases?platform=", ",",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "lists in more parameters than there may be", 400, 140,
	    "GET /v1/cases?", "id=1#&site_id=1#&contact_id=1#&district_id=1#&",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "values of lists behind each other", 503, 23, "GET /v1/cases?",
	    "platform=a,b,a&product_version=a,b,a&platform_not=a,b,a&fixed_in_release=a,b,a&",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "texts of several lists", 503, 49, "GET /v1/cases?",
	    "platform=%2Ca&product_version=b+%2C&platform_not=c&",
	    " HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact" END, NULL },
	{ "a cursor", 400, 7900, "GET /v1/announcements?cursor=", "A", REST,
	    NULL },
	{ "path segments", 404, 3990, "GET ", "/a", REST, NULL },
	{ "slashes", 404, 7990, "GET ", "/", REST, NULL },
	{ "a long segment", 404, 7900, "GET /v1/", "x", REST, NULL },
	{ "a segment of escapes", 404, 2600, "GET /v1/", "%3C", REST, NULL },
	{ "a long host in the target", 503, 7900, "GET http://", "h",
	    "/v1/calendar" REST, NULL },
	/* the head */
	{ "header lines", 431, 1600, GET("/v1/calendar"), "X#: 1\r\n", "\r\n",
	    NULL },
	{ "as many header lines as there may be", 503, 60, GET("/v1/calendar"),
	    "X#: 12345678901234567890\r\n", "\r\n", NULL },
	{ "Accept in many lines", 503, 60, GET("/v1/calendar"),
	    "Accept: a/b;q=0.1\r\n", "\r\n", NULL },
	{ "a long header", 503, 16000, GET("/v1/calendar") "X: ", "x", END,
	    NULL },
	{ "a long header name", 503, 16000, GET("/v1/calendar"), "x", ": 1" END,
	    NULL },
	{ "spaces behind a value", 503, 16000, GET("/v1/calendar") "X: ", " ",
	    END, NULL },
	{ "media ranges", 431, 8000, LIST("Accept"), "a,", END, NULL },
	{ "as many media ranges as there may be", 406, 99, LIST("Accept"),
	    "text/plain;level=1;q=0.333,", "b/c" END, NULL },
	{ "a range with many parameters", 503, 1480, LIST("Accept") "*/*",
	    ";a=b", END, NULL },
	{ "a range with quoted parameters", 503, 740, LIST("Accept") "*/*",
	    ";a=\"\\q;\"", END, NULL },
	{ "a range with empty parameters", 503, 5990, LIST("Accept") "*/*", ";",
	    END, NULL },
	{ "a range that is too long", 431, 3900, LIST("Accept") "*/*", ";a=b",
	    END, NULL },
	{ "ranges that begin with a quote", 400, 740, LIST("Accept"),
	    "*/*;a=\" ", END, NULL },
	{ "a long quality", 400, 5900, LIST("Accept") "*/*;q=0.", "1", END,
	    NULL },
	{ "a long host", 503, 16000, "GET /v1/calendar HTTP/1.1\r\nHost: ", "~",
	    END, NULL },
	{ "a host of escapes", 503, 5400,
	    "GET /v1/calendar HTTP/1.1\r\nHost: ", "%41", END, NULL },
	{ "a long port", 400, 16000,
	    "GET /v1/calendar HTTP/1.1\r\nHost: a:", "0", "x" END, NULL },
	{ "connection options", 431, 8000, LIST("Connection"), "a,", END,
	    NULL },
	{ "connection options without commas", 503, 8000, LIST("Connection"),
	    "a ", END, NULL },
	{ "tags", 431, 4000,
	    "POST /v1/cases/1/close HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact\r\n" JSON
	    "Content-Length: 0\r\nIf-Match: ",
	    "\"1\",", "\"1\"" END, NULL },
	{ "tags in many lines", 503, 60,
	    "POST /v1/cases/1/close HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact\r\n" JSON,
	    "If-Match: \"1#\"\r\n", "Content-Length: 0" END, NULL },
	{ "one endless tag", 503, 16000, LIST("If-None-Match") "\"", "1",
	    "\"" END, NULL },
	{ "a tag with commas", 431, 8000, LIST("If-None-Match") "\"", ",",
	    "\"" END, NULL },
	{ "an origin", 503, 16000, LIST("Origin"), "o", END, NULL },
	{ "a trace", 503, 16000, LIST("Traceparent"), "0", END, NULL },
	{ "a token", 401, 8000, GET("/v1/me") "Authorization: Bearer ", "e.",
	    END, NULL },
	{ "parameters of a disposition", 422, 1190,
	    UPLOAD "Content-Disposition: attachment", ";a=\"\"",
	    "\r\nContent-Length: 0" END, NULL },
	{ "a disposition of escapes", 422, 2970,
	    UPLOAD "Content-Disposition: attachment;filename=\"", "\\\"",
	    "\"\r\nContent-Length: 0" END, NULL },
	{ "a disposition that is too long", 422, 15000,
	    UPLOAD "Content-Disposition: attachment;filename=", "x",
	    "\r\nContent-Length: 0" END, NULL },
	{ "digests", 431, 3000, UPLOAD "Repr-Digest: ", "a=::,",
	    "a=::\r\nContent-Length: 0" END, NULL },
	{ "as many digests as are checked", 422, 99, UPLOAD "Content-Digest: ",
	    "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:,",
	    "a=::\r\nContent-Length: 0" END, NULL },
	{ "parameters of a digest", 422, 3900, UPLOAD "Repr-Digest: a=::",
	    ";a=1", "\r\nContent-Length: 0" END, NULL },
	{ "parameters of a type", 422, 1490,
	    "POST /v1/cases/1/attachments HTTP/1.1\r\nHost: a\r\n"
	    "Authorization: Bearer contact\r\nContent-Type: text/plain",
	    ";a=b", "\r\nContent-Length: 0" END, NULL },
	{ "as many digests as there may be", 422, 99, UPLOAD "Repr-Digest: ",
	    "a=:012345678901234567890123456789012345678901234567890123456789:,",
	    "a=::\r\nContent-Length: 0" END, NULL },
	{ "a key", 422, 7900, CASES JSON "Idempotency-Key: \"", "\\\"",
	    "\"\r\nContent-Length: 0" END, NULL },
	/* bodies of JSON */
	{ "unknown members", 422, 1190, CASES JSON, "\"m#\":1,", "\"z\":1}",
	    "{" },
	{ "too many members", 400, 6000, CASES JSON, "\"m#\":1,", "\"z\":1}",
	    "{" },
	{ "a member that comes twice", 400, 1190, CASES JSON, "\"m#\":1,",
	    "\"m0\":1}", "{" },
	{ "nested arrays", 400, 30000, CASES JSON, "[", "", "" },
	{ "items", 422, 1190, CASES JSON, "1,", "1]}", "{\"tags\":[" },
	{ "too many items", 400, 30000, CASES JSON, "1,", "1]}",
	    "{\"tags\":[" },
	{ "objects in an array", 400, 20000, CASES JSON, "{},", "{}]", "[" },
	{ "a long text", 422, 60000, CASES JSON, "x", "\"}",
	    "{\"subject\":\"" },
	{ "a text of escapes", 422, 10000, CASES JSON, "\\u00e9", "\"}",
	    "{\"subject\":\"" },
	{ "a blank text", 422, 60000, CASES JSON, " ", "\"}",
	    "{\"subject\":\"" },
	{ "a long member name", 422, 60000, CASES JSON, "n", "\":1}", "{\"" },
	{ "a long integer", 400, 60000, CASES JSON, "1", "}",
	    "{\"subject\":1" },
	{ "a long fraction", 400, 60000, CASES JSON, "1", "}",
	    "{\"subject\":1." },
	{ "an exponent", 400, 60000, CASES JSON, "9", "}", "{\"subject\":1e" },
	{ "numbers with exponents", 422, 1190, CASES JSON, "1e2,", "1]}",
	    "{\"subject\":[" },
	{ "spaces", 422, 60000, CASES JSON, " ", "}", "{" },
	{ "items that are no event types", 422, 1190,
	    "POST /v1/webhooks HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer contact\r\n" JSON,
	    "1,", "1]}", "{\"types\":[" },
	{ "districts of an incident", 422, 990,
	    "POST /v1/incidents HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer staff\r\n" JSON,
	    "-1,", "1]}}", "{\"scope\":{\"districts\":[" },
	/* bodies of JSON beyond HTTP_BODY_MAX */
	{ "a long text of a large body", 422, 900000, LARGE JSON, "x", "\"}",
	    "{\"description\":\"" },
	{ "a large text of escapes", 422, 150000, LARGE JSON, "\\u00e9", "\"}",
	    "{\"description\":\"" },
	{ "an invisible text", 422, 20000, LARGE JSON, "\u200b", "\"}",
	    "{\"description\":\"" },
	{ "an invisible text of escapes", 422, 20000, LARGE JSON, "\\u2800",
	    "\"}", "{\"description\":\"" },
	{ "spaces of a large body", 422, 900000, LARGE JSON, " ", "}", "{" },
	{ "texts with an escape", 422, 1190, LARGE JSON, ESCAPED, "1]}",
	    "{\"tags\":[" },
	{ "chunks of a large body", 422, 100000,
	    LARGE JSON CHUNKED "1\r\n{\r\n", "4\r\n    \r\n",
	    "1\r\n}\r\n0\r\n\r\n", NULL },
	/* under a key, for its fingerprint */
	{ "a long text under a key", 503, 19000,
	    CASES JSON "Idempotency-Key: k\r\n", "x",
	    "\",\"subject\":\"a\",\"priority\":\"low\",\"replication_steps\":\"a\"}",
	    "{\"description\":\"" },
	{ "a long list under a key", 503, 990,
	    "POST /v1/incidents HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer staff\r\n" JSON
	    "Idempotency-Key: k\r\n",
	    "1#,", "1]},\"title\":\"a\",\"severity\":\"minor\",\"text\":\"a\"}",
	    "{\"scope\":{\"districts\":[" },
	{ "spaces under a key", 503, 60000, CASES JSON "Idempotency-Key: k\r\n",
	    " ",
	    "\"description\":\"a\",\"subject\":\"a\",\"priority\":\"low\",\"replication_steps\":\"a\"}",
	    "{" },
	/* forms */
	{ "fields", 400, 7000, SURVEY FORM, "f#=1&", "z=1", "" },
	{ "as many fields as there may be", 422, 98, SURVEY FORM, "f#=1&",
	    "z=1", "" },
	{ "a long field", 422, 60000, SURVEY FORM, "x", "", "comment=" },
	{ "a field of escapes", 422, 20000, SURVEY FORM, "%20", "",
	    "comment=" },
	{ "an invisible field", 422, 6000, SURVEY FORM, "%E2%80%8B", "",
	    "comment=" },
	{ "a form to be shown again", 503, 20000, SURVEY PAGE FORM, "%1b", "",
	    "comment=" },
	{ "fields to be shown again", 503, 7000, SURVEY PAGE FORM, "f#=1&",
	    "z=%1b", "" },
	{ "ampersands in a form", 400, 60000, SURVEY FORM, "&", "", "" },
	{ "parts", 400, 1000, OPT_OUT PARTS,
	    "--b\r\nContent-Disposition: form-data; name=\"n#\"\r\n\r\n1\r\n",
	    "--b--", "" },
	{ "parts without a header", 400, 9000, OPT_OUT PARTS, "--b\r\n\r\n",
	    "--b--", "" },
	{ "half boundaries", 422, 15000, OPT_OUT PARTS, "\r\n--", "\r\n--b--",
	    "--b\r\nContent-Disposition: form-data; name=\"n\"\r\n\r\n" },
	{ "lines of a part's header", 400, 20000, OPT_OUT PARTS, "x\r\n",
	    "\r\n\r\n1\r\n--b--", "--b\r\n" },
	/* chunks */
	{ "chunks of a byte", 422, 60000, CASES JSON CHUNKED "1\r\n{\r\n",
	    "1\r\n \r\n", "1\r\n}\r\n0\r\n\r\n", NULL },
	{ "chunks with extensions", 422, 8000, CASES JSON CHUNKED "1\r\n{\r\n",
	    "1;a=bcdefgh\r\n \r\n", "1\r\n}\r\n0\r\n\r\n", NULL },
	{ "chunks of little but extensions", 400, 4000,
	    CASES JSON CHUNKED "1\r\n{\r\n",
	    "1;a=\"01234567890123456789012345678901234567890123456789012345678901234567890123456789\"\r\n \r\n",
	    "1\r\n}\r\n0\r\n\r\n", NULL },
	{ "trailers", 431, 4000, CASES JSON CHUNKED "2\r\n{}\r\n0\r\n",
	    "T: 1\r\n", "\r\n", NULL },
	{ "a long trailer", 422, 16000,
	    CASES JSON CHUNKED "2\r\n{}\r\n0\r\nT: ", "x", "\r\n\r\n", NULL },
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

static char *room;

/* The request with so many pieces. */
static size_t
make(const struct shape *s, size_t count)
{
	char	   *p = room, *body = room + ROOM / 2, *q = body;
	const char *c;
	size_t	    i;

	if (s->open != NULL)
		q = stpcpy(body, s->open);
	for (i = 0; i < count; i++)
		for (c = s->piece; *c != '\0'; c++)
			q = *c == '#' ? q + sprintf(q, "%zu", i) :
					stpcpy(q, (char[]){ *c, '\0' });
	q = stpcpy(q, s->end);
	p = stpcpy(p, s->start);
	if (s->open != NULL)
		p += sprintf(p, "Content-Length: %td\r\n\r\n", q - body);
	memmove(p, body, (size_t)(q - body));
	return (size_t)(p - room) + (size_t)(q - body);
}

/* Once to warm what is kept between requests, and once to count. */
static struct price
count(const struct shape *s, size_t n, size_t piece, size_t *len)
{
	*len = make(s, n);
	(void)price_of(room, *len, piece);
	return price_of(room, *len, piece);
}

static void
test_every_shape_is_linear_and_costs_no_more_than_twenty(void)
{
	const struct shape *s;
	struct price	    half, whole;
	size_t		    len;
	uint64_t	    limit;

	for (s = shapes; s < shapes + SHAPES; s++) {
		unit_case = s->name;
		half = count(s, s->count / 2, SIZE_MAX, &len);
		whole = count(s, s->count, SIZE_MAX, &len);
		limit = price_limit(room, len);
		CHECK(whole.status == s->status);
		CHECK(2 * whole.steps <= 5 * half.steps);
		CHECK(whole.steps <= limit);
		CHECK(whole.bytes <= MEMORY + MEMORY_PER_BYTE * len);
		CHECK(whole.answer <= ANSWER_MAX + len);
		printf("%-40s %d %7zu bytes %8" PRIu64 " steps, %3" PRIu64
		       " %% of what it may cost\n",
		    s->name, whole.status, len, whole.steps,
		    100 * whole.steps / limit);
	}
}

/* However slowly it comes: what was looked at is not looked at again. */
static void
test_every_shape_is_linear_when_it_comes_byte_by_byte(void)
{
	const struct shape *s;
	struct price	    half, whole;
	size_t		    len;

	for (s = shapes; s < shapes + SHAPES; s++) {
		unit_case = s->name;
		half = count(s, s->count / 2, 1, &len);
		whole = count(s, s->count, 1, &len);
		CHECK(whole.status == s->status);
		CHECK(2 * whole.steps <= 5 * half.steps);
	}
}

int
main(int argc, char **argv)
{
	(void)argc;
	room = malloc(ROOM);
	price_start();
	RUN(test_every_shape_is_linear_and_costs_no_more_than_twenty);
	RUN(test_every_shape_is_linear_when_it_comes_byte_by_byte);
	free(room);
	return unit_end(argv[0]);
}
