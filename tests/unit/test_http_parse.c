/*
 * Unit test of the HTTP framing: every message is parsed at once, and again
 * with one byte more at a time. Both must say the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "http_chunks.h"
#include "http_headers.h"
#include "http_messages.h"
#include "http_parse.h"
#include "unit.h"

struct result {
	enum http_verdict   verdict;
	struct http_message message;
	struct http_fault   fault;
	size_t		    body; /* offset */
	char		   *buf;
};

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

/* The path and query of a target that names its host, too. */
static void
test_an_absolute_target_is_cut(void)
{
	static const struct {
		const char *line, *path, *query;
	} cases[] = {
		{ "GET http://a/x?y", "/x", "y" },
		{ "GET http://a:80/", "/", NULL },
		{ "GET http://a", "/", NULL },
		{ "GET https://a:", "/", NULL },
		{ "GET http://a?", "/", "" },
		{ "GET http://a_b?x=http://c/d", "/", "x=http://c/d" },
		{ "GET http://a/b@c:d", "/b@c:d", NULL },
		{ "OPTIONS http://a", "*", NULL },
		{ "OPTIONS http://a/", "/", NULL },
		{ "OPTIONS http://a?x", "/", "x" },
	};
	struct result r;
	char	      text[200];
	size_t	      i;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		unit_case = cases[i].line;
		sprintf(text, "%s HTTP/1.1\r\nHost: a\r\n\r\n", cases[i].line);
		r = parse(text, strlen(text), 1);
		CHECK(r.verdict == HTTP_COMPLETE);
		CHECK_STR(r.message.path, cases[i].path);
		CHECK_STR(r.message.query, cases[i].query);
		free(r.buf);
	}
}

/* Of a newer HTTP/1 the highest version that there is here (RFC 9110 2.5). */
static void
test_a_newer_minor_version_is_read_as_ours(void)
{
	const char    text[] = "POST / HTTP/1.7\r\nHost: a\r\nExpect: "
			       "100-continue\r\nContent-Length: 0\r\n\r\n";
	struct result r = parse(text, sizeof(text) - 1, sizeof(text));

	CHECK(r.verdict == HTTP_COMPLETE && r.message.minor == 1);
	CHECK(r.message.expect_continue && r.message.keep_alive);
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

	n = (size_t)sprintf(big, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
	big[n] = '\0';
	memcpy(big + n + 1, "\r\n\r\n", 4);
	r = parse(big, n + 5, n + 5);
	CHECK(r.verdict == HTTP_REFUSED && r.fault.status == 400);
	free(r.buf);
}

/* Host is one of them. */
static void
test_as_many_header_lines_as_may_be_are_read(void)
{
	char	      text[40 * HTTP_HEADERS_MAX];
	struct result r;
	size_t	      n;
	int	      lines, i;

	for (lines = HTTP_HEADERS_MAX; lines <= HTTP_HEADERS_MAX + 1; lines++) {
		n = (size_t)sprintf(text, "GET / HTTP/1.1\r\nHost: a\r\n");
		for (i = 1; i < lines; i++)
			n += (size_t)sprintf(text + n, "X%d: y\r\n", i);
		n += (size_t)sprintf(text + n, "\r\n");
		r = parse(text, n, n);
		if (lines == HTTP_HEADERS_MAX)
			CHECK(r.verdict == HTTP_COMPLETE);
		else
			CHECK(r.verdict == HTTP_REFUSED &&
			    r.fault.status == 431);
		free(r.buf);
	}
}

/* All of it in the buffer already, also when it is a byte too long. */
static void
test_a_head_of_the_very_limit_is_read(void)
{
	static char   big[HTTP_HEAD_MAX + 1];
	struct result r;
	size_t	      n, len;

	for (len = HTTP_HEAD_MAX; len <= sizeof(big); len++) {
		n = (size_t)sprintf(big, "GET / HTTP/1.1\r\nHost: a\r\nX: ");
		memset(big + n, 'a', len - n);
		memcpy(big + len - 4, "\r\n\r\n", 4);
		r = parse(big, len, len);
		if (len == HTTP_HEAD_MAX)
			CHECK(r.verdict == HTTP_COMPLETE);
		else
			CHECK(r.verdict == HTTP_REFUSED &&
			    r.fault.status == 431);
		free(r.buf);
	}
}

static void
test_a_target_of_the_very_limit_is_read(void)
{
	static char   big[HTTP_TARGET_MAX + 100];
	struct result r;
	size_t	      len, n;

	for (len = HTTP_TARGET_MAX; len <= HTTP_TARGET_MAX + 1; len++) {
		memcpy(big, "GET /", 5);
		memset(big + 5, 'a', len - 1);
		n = 4 + len +
		    (size_t)sprintf(big + 4 + len,
			" HTTP/1.1\r\nHost: a\r\n\r\n");
		r = parse(big, n, n);
		if (len == HTTP_TARGET_MAX)
			CHECK(r.verdict == HTTP_COMPLETE);
		else
			CHECK(r.verdict == HTTP_REFUSED &&
			    r.fault.status == 414);
		free(r.buf);
	}
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
	RUN(test_an_absolute_target_is_cut);
	RUN(test_a_newer_minor_version_is_read_as_ours);
	RUN(test_lines_of_one_name_are_one_list);
	RUN(test_limits_of_the_head);
	RUN(test_as_many_header_lines_as_may_be_are_read);
	RUN(test_a_head_of_the_very_limit_is_read);
	RUN(test_a_target_of_the_very_limit_is_read);
	return unit_end("http_parse");
}
