/*
 * Unit test of the HTTP framing: every message is parsed at once, and again
 * with one byte more at a time. Both must say the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "http_chunks.h"
#include "http_headers.h"
#include "http_parse.h"
#include "unit.h"

struct result {
	enum http_verdict   verdict;
	struct http_message message;
	struct http_fault   fault;
	size_t		    body; /* offset */
	char		   *buf;
};

#define CHUNKS                           \
	"POST / HTTP/1.1\r\nHost: a\r\n" \
	"Transfer-Encoding: chunked\r\n\r\n"
#define FIVE "\"1\",\"2\",\"3\",\"4\",\"5\","
#define TAGS FIVE FIVE FIVE FIVE

static const struct {
	const char *name, *text;
	int	    status; /* 0: complete; -1: more is needed; -2: large */
	const char *body;
	int	    keep_alive;
} messages[] = {
	{ "get", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, "", 1 },
	{ "1.0 needs no host", "GET / HTTP/1.0\r\n\r\n", 0, "", 0 },
	{ "1.0 keep-alive", "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
	    0, "", 1 },
	{ "close wins",
	    "GET / HTTP/1.1\r\nHost: a\r\n"
	    "Connection: keep-alive, close\r\n\r\n",
	    0, "", 0 },
	{ "close wins on another line",
	    "GET / HTTP/1.0\r\nConnection: close\r\n"
	    "Connection: keep-alive\r\n\r\n",
	    0, "", 0 },
	{ "bare carriage return", "GET / HTTP/1.1\r\nHost: a\rb\r\n\r\n", 400,
	    "", 0 },
	{ "absolute form", "GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\n", 0,
	    "", 1 },
	{ "empty value", "GET / HTTP/1.1\r\nHost: a\r\nX:\r\n\r\n", 0, "", 1 },
	{ "tab and utf-8 in a value",
	    "GET / HTTP/1.1\r\nHost: a\r\n"
	    "X: a\tb\xc3\xa9\r\n\r\n",
	    0, "", 1 },
	{ "a name that starts with host",
	    "GET / HTTP/1.1\r\nHosty: b\r\n"
	    "Host: a\r\n\r\n",
	    0, "", 1 },
	{ "body", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi",
	    0, "hi", 1 },
	{ "surplus is the next request",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 2\r\n\r\nhiGET /",
	    0, "hi", 1 },
	{ "chunks",
	    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
	    "chunked\r\n\r\n1\r\nh\r\n2;x=\"y\"\r\ni!\r\n0\r\n\r\n",
	    0, "hi!", 1 },
	{ "trailers are dropped",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n1\r\nh\r\n0\r\nA: b\r\n\r\n",
	    0, "h", 1 },
	{ "trailers of two lines, with an empty value",
	    CHUNKS "1\r\nh\r\n0\r\nA:\r\nB-c: d e\r\n\r\n", 0, "h", 1 },
	{ "quoted extension", CHUNKS "1;a=\"\\\";b \"\r\nh\r\n0;x\r\n\r\n", 0,
	    "h", 1 },
	{ "trailer that ends in a line feed", CHUNKS "0\r\nA: b\n\r\n", 400, "",
	    0 },
	{ "trailers that end in line feeds", CHUNKS "0\r\nA: b\r\n\n", 400, "",
	    0 },
	{ "request line as a trailer",
	    CHUNKS "0\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "trailer that is another's header", CHUNKS "0\r\nhost: b\r\n\r\n",
	    400, "", 0 },
	{ "trailer of a whole family", CHUNKS "0\r\nif-none-match: b\r\n\r\n",
	    400, "", 0 },
	{ "folded trailer", CHUNKS "0\r\nA: b\r\n c\r\n\r\n", 400, "", 0 },
	{ "space behind a size", CHUNKS "1 \r\nh\r\n0\r\n\r\n", 400, "", 0 },
	{ "space before an extension", CHUNKS "1 ;a\r\nh\r\n0\r\n\r\n", 400, "",
	    0 },
	{ "extension without its end", CHUNKS "1;a=\"b\r\nh\r\n0\r\n\r\n", 400,
	    "", 0 },
	{ "line feed behind a size, and no more", CHUNKS "1\n", 400, "", 0 },
	{ "carriage return in a chunk line", CHUNKS "1;a\rb\r\nh\r\n", 400, "",
	    0 },
	{ "too many tags",
	    "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: " TAGS TAGS TAGS TAGS
	    "\"x\"\r\nIf-None-Match: " TAGS "\"x\"\r\n\r\n",
	    431, "", 0 },
	{ "many tags",
	    "GET / HTTP/1.1\r\nHost: a\r\nIf-None-Match: " TAGS TAGS
	    "\"x\"\r\n\r\n",
	    0, "", 1 },
	{ "incomplete head", "GET / HTTP/1.1\r\nHost: a\r\n", -1, "", 0 },
	{ "incomplete body",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 3\r\n\r\nhi",
	    -1, "", 0 },
	{ "incomplete chunk",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n3\r\nhi",
	    -1, "", 0 },
	{ "no host", "GET / HTTP/1.1\r\n\r\n", 400, "", 0 },
	{ "two hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400, "",
	    0 },
	{ "two lengths",
	    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n"
	    "Content-Length: 1\r\n\r\nx",
	    400, "", 0 },
	{ "two tokens",
	    "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\n"
	    "authorization: Bearer b\r\n\r\n",
	    400, "", 0 },
	{ "two of what is a list, or is never refused",
	    "GET / HTTP/1.1\r\nHost: a\r\nAccept: a/b\r\nAccept: c/d\r\n"
	    "traceparent: 00\r\ntraceparent: 01\r\n\r\n",
	    0, "", 1 },
	{ "signed length",
	    "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: "
	    "+2\r\n\r\nhi",
	    400, "", 0 },
	{ "length and coding",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n",
	    400, "", 0 },
	{ "another coding",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: gzip, chunked\r\n\r\n",
	    501, "", 0 },
	{ "coding in 1.0",
	    "POST / HTTP/1.0\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n0\r\n\r\n",
	    400, "", 0 },
	{ "coding on get",
	    "GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
	    "chunked\r\n\r\n0\r\n\r\n",
	    400, "", 0 },
	{ "body on get",
	    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1"
	    "\r\n\r\nx",
	    400, "", 0 },
	{ "chunk size",
	    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
	    "chunked\r\n\r\n0x1\r\nh\r\n0\r\n\r\n",
	    400, "", 0 },
	{ "chunk size of nine digits",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n000000001\r\nh\r\n",
	    400, "", 0 },
	{ "chunk too long",
	    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding:"
	    " chunked\r\n\r\n1\r\nhi\r\n0\r\n\r\n",
	    400, "", 0 },
	{ "body over the limit",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 65537\r\n\r\n",
	    -2, "", 0 },
	{ "chunk over the limit",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\n\r\n10001\r\n",
	    -2, "", 0 },
	{ "unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "", 0 },
	{ "lower case method", "get / HTTP/1.1\r\nHost: a\r\n\r\n", 501, "",
	    0 },
	{ "http/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505, "", 0 },
	{ "no version", "GET /\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "two spaces", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "fragment", "GET /#x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "bare target", "GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "bare line feed", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", 400, "",
	    0 },
	{ "folded line", "GET / HTTP/1.1\r\nHost: a\r\n b\r\n\r\n", 400, "",
	    0 },
	{ "space before the colon", "GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400,
	    "", 0 },
	{ "no colon", "GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400, "", 0 },
	{ "expectation",
	    "POST / HTTP/1.1\r\nHost: a\r\nExpect: tea\r\n"
	    "Content-Length: 1\r\n\r\nx",
	    417, "", 0 },
};

/* Parses the first len bytes of a copy, step bytes more at a time. */
static struct result
parse(const char *text, size_t len, size_t step)
{
	struct http_parser parser = { 0 };
	struct result	   r = { .verdict = HTTP_MORE };
	size_t		   n = 0;

	r.buf = malloc(len + 1);
	memcpy(r.buf, text, len);
	while (r.verdict == HTTP_MORE && n < len) {
		/* the buffer moves, as one that grows does */
		char *moved = malloc(len + 1);

		memcpy(moved, r.buf, len);
		free(r.buf);
		r.buf = moved;
		n = n + step > len ? len : n + step;
		r.verdict = http_parse(&parser, r.buf, n, &r.message, &r.fault);
	}
	return r;
}

static void
test_a_message_is_read_alike_in_one_piece_and_byte_by_byte(void)
{
	static const size_t steps[] = { 1, 3, 65536 };
	struct result	    r;
	size_t		    i, s;

	for (i = 0; i < sizeof(messages) / sizeof(messages[0]); i++) {
		unit_case = messages[i].name;
		for (s = 0; s < 3; s++) {
			r = parse(messages[i].text, strlen(messages[i].text),
			    steps[s]);
			if (messages[i].status > 0) {
				CHECK(r.verdict == HTTP_REFUSED);
				CHECK(r.fault.status == messages[i].status);
			} else if (messages[i].status == -1) {
				CHECK(r.verdict == HTTP_MORE);
			} else if (messages[i].status == -2) {
				CHECK(r.verdict == HTTP_LARGE);
				CHECK(!r.message.complete);
				CHECK_STR(http_header(&r.message, "host"), "a");
			} else {
				CHECK(r.verdict == HTTP_COMPLETE);
				CHECK(r.message.complete);
				CHECK(r.message.body_len ==
				    strlen(messages[i].body));
				CHECK(memcmp(r.message.body, messages[i].body,
					  r.message.body_len) == 0);
				CHECK(r.message.keep_alive ==
				    messages[i].keep_alive);
				CHECK(*r.message.path == '/');
				CHECK_STR(http_header(&r.message, "host"),
				    strstr(messages[i].text, "Host: a") ? "a" :
									  NULL);
			}
			free(r.buf);
		}
	}
}

static void
test_headers_and_target_are_cut_out(void)
{
	struct result r;
	const char    text[] = "GET /a%20b?c=d HTTP/1.1\r\nHost:a\r\n"
			       "X-Y: \t v w \t\r\n\r\nrest";

	r = parse(text, sizeof(text) - 1, sizeof(text));
	CHECK(r.verdict == HTTP_COMPLETE);
	CHECK_STR(r.message.path, "/a%20b");
	CHECK_STR(r.message.query, "c=d");
	CHECK_STR(http_header(&r.message, "x-y"), "v w");
	CHECK(http_header(&r.message, "x") == NULL);
	CHECK(r.message.consumed == sizeof(text) - 1 - 4);
	free(r.buf);
}

static void
test_lines_of_one_name_are_one_list(void)
{
	struct arena *arena = arena_new();
	struct result r;
	const char    text[] = "GET / HTTP/1.1\r\nHost:a\r\nIf-Match: \"1\"\r\n"
			       "Accept: a/b\r\nif-match: \"2\", \"3\"\r\n\r\n";

	r = parse(text, sizeof(text) - 1, sizeof(text));
	CHECK(r.verdict == HTTP_COMPLETE);
	CHECK_STR(http_header_list(arena, &r.message, "If-Match"),
	    "\"1\", \"2\", \"3\"");
	CHECK_STR(http_header_list(arena, &r.message, "accept"), "a/b");
	CHECK(http_header_list(arena, &r.message, "x") == NULL);
	free(r.buf);
	arena_free(arena);
}

static void
test_limits_of_the_head(void)
{
	static char   big[40000];
	struct result r;
	size_t	      n;
	int	      i;

	memset(big, 'a', sizeof(big));
	memcpy(big, "GET /", 5);
	r = parse(big, sizeof(big), sizeof(big));
	CHECK(r.verdict == HTTP_REFUSED && r.fault.status == 414);
	free(r.buf);

	memcpy(big + 9000, " HTTP/1.1\r\nHost: a\r\n\r\n", 22);
	r = parse(big, sizeof(big), sizeof(big));
	CHECK(r.verdict == HTTP_REFUSED && r.fault.status == 414);
	free(r.buf);

	memcpy(big, "GET / HTTP/1.1\r\nHost: a\r\nX: ", 28);
	memset(big + 28, 'a', 30000);
	r = parse(big, sizeof(big), sizeof(big));
	CHECK(r.verdict == HTTP_REFUSED && r.fault.status == 431);
	free(r.buf);

	n = (size_t)sprintf(big, "GET / HTTP/1.1\r\nHost: a\r\n");
	for (i = 0; i < HTTP_HEADERS_MAX; i++)
		n += (size_t)sprintf(big + n, "X%d: y\r\n", i);
	n += (size_t)sprintf(big + n, "\r\n");
	r = parse(big, n, n);
	CHECK(r.verdict == HTTP_REFUSED && r.fault.status == 431);
	free(r.buf);

	n = (size_t)sprintf(big, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	big[n] = '\0';
	memcpy(big + n + 1, "\r\n\r\n", 4);
	r = parse(big, n + 5, n + 5);
	CHECK(r.verdict == HTTP_REFUSED && r.fault.status == 400);
	free(r.buf);
}

/* A head, then size bytes of x in chunks; returns the length. */
static size_t
chunks(char *text, size_t size, size_t chunk)
{
	size_t n, at, i;

	n = (size_t)sprintf(text,
	    "POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked"
	    "\r\n\r\n");
	for (at = 0; at < size; at += chunk) {
		n += (size_t)sprintf(text + n, "%zx\r\n", chunk);
		for (i = 0; i < chunk; i++)
			text[n++] = (char)('a' + (at + i) % 26);
		n += (size_t)sprintf(text + n, "\r\n");
	}
	return n + (size_t)sprintf(text + n, "0\r\n\r\n");
}

/* As a connection does: parse, compact, take more; the limit raised once. */
static enum http_verdict
take(struct http_parser *p, struct http_message *msg, struct http_fault *fault,
    const char *text, size_t len, char *buf, size_t max)
{
	enum http_verdict v = HTTP_MORE;
	size_t		  at = 0, held = 0, n;

	while (v == HTTP_MORE && at < len) {
		n = len - at < 1000 ? len - at : 1000;
		memcpy(buf + held, text + at, n);
		held += n;
		at += n;
		v = http_parse(p, buf, held, msg, fault);
		if (v == HTTP_LARGE) {
			CHECK(p->body_max == 0 && !msg->complete);
			CHECK_STR(msg->path, "/x");
			p->body_max = max;
			v = http_parse(p, buf, held, msg, fault);
		}
		if (v == HTTP_MORE)
			held = http_compact(p, buf, held);
	}
	return v;
}

static void
test_a_large_body_is_read_by_who_wants_it(void)
{
	static const size_t sizes[] = { 65536, 65537, 70000, 90000 };
	static const size_t steps[] = { 1, 7, 1000 };
	static char	    text[1000000], buf[200000];
	struct http_parser  parser;
	struct http_message msg;
	struct http_fault   fault;
	size_t		    i, s, len, k;

	for (i = 0; i < 4; i++) {
		for (s = 0; s < 3; s++) {
			size_t size = sizes[i] / steps[s] * steps[s];

			memset(&parser, 0, sizeof(parser));
			len = chunks(text, size, steps[s]);
			if (size > 80000) {
				CHECK(take(&parser, &msg, &fault, text, len,
					  buf, 80000) == HTTP_REFUSED);
				CHECK(fault.status == 413);
				continue;
			}
			CHECK(take(&parser, &msg, &fault, text, len, buf,
				  80000) == HTTP_COMPLETE);
			CHECK(msg.complete && msg.body_len == size);
			for (k = 0; k < size; k++)
				if (msg.body[k] != (char)('a' + k % 26))
					break;
			CHECK(k == size);
		}
	}
}

static void
test_a_large_length_is_told_before_the_body(void)
{
	char		    text[] = "POST /x HTTP/1.1\r\nHost: a\r\n"
				     "Content-Length: 999999999999999\r\n\r\n";
	struct http_parser  parser = { 0 };
	struct http_message msg;
	struct http_fault   fault;

	CHECK(http_parse(&parser, text, sizeof(text) - 1, &msg, &fault) ==
	    HTTP_LARGE);
	CHECK(msg.body_len == 999999999999999);
	parser.body_max = SIZE_MAX / 2;
	CHECK(http_parse(&parser, text, sizeof(text) - 1, &msg, &fault) ==
	    HTTP_MORE);
}

int
main(void)
{
	RUN(test_a_large_body_is_read_by_who_wants_it);
	RUN(test_a_large_length_is_told_before_the_body);
	RUN(test_a_message_is_read_alike_in_one_piece_and_byte_by_byte);
	RUN(test_headers_and_target_are_cut_out);
	RUN(test_lines_of_one_name_are_one_list);
	RUN(test_limits_of_the_head);
	return unit_end("http_parse");
}
