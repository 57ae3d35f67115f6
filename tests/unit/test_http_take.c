/*
 * A body that is taken out of the buffer part by part, in whatever pieces and
 * chunks it comes, is the body; and the next message begins behind it.
 */
#include <stdio.h>
#include <string.h>

#include "http_chunks.h"
#include "unit.h"

#define SIZE 300000
#define NEXT "GET /y HTTP/1.1\r\n"

static char text[2 * SIZE], buf[2 * SIZE], body[SIZE];

static size_t
write_head(const char *framing)
{
	return (size_t)sprintf(text,
	    "POST /x HTTP/1.1\r\nHost: a\r\n%s\r\n\r\n", framing);
}

static size_t
write_length(void)
{
	char   line[64];
	size_t n;

	snprintf(line, sizeof(line), "Content-Length: %d", SIZE);
	n = write_head(line);
	memcpy(text + n, body, SIZE);
	return n + SIZE;
}

static size_t
write_chunks(size_t chunk)
{
	size_t n = write_head("Transfer-Encoding: chunked"), at, size;

	for (at = 0; at < SIZE; at += size) {
		size = SIZE - at < chunk ? SIZE - at : chunk;
		n += (size_t)sprintf(text + n, "%zx\r\n", size);
		memcpy(text + n, body + at, size);
		n += size;
		n += (size_t)sprintf(text + n, "\r\n");
	}
	return n + (size_t)sprintf(text + n, "0\r\nX: y\r\n\r\n");
}

/* What has come of the body and is not taken. */
static size_t
here(const struct http_parser *p, size_t held)
{
	return p->chunked ? p->body_len - p->taken : held - p->head_len;
}

/* In pieces of step bytes; whatever is there is taken from part bytes on. */
static void
check(size_t len, size_t step, size_t part)
{
	struct http_parser  p = { 0 };
	struct http_message msg;
	struct http_fault   fault;
	enum http_verdict   v = HTTP_MORE;
	size_t		    at = 0, held = 0, taken = 0, most = 0, n;

	len += (size_t)sprintf(text + len, NEXT);
	while (v == HTTP_MORE && at < len) {
		n = len - at < step ? len - at : step;
		memcpy(buf + held, text + at, n);
		held += n;
		at += n;
		v = http_parse(&p, buf, held, &msg, &fault);
		if (v == HTTP_LARGE) {
			p.body_max = SIZE;
			v = http_parse(&p, buf, held, &msg, &fault);
		}
		if (v != HTTP_MORE || !p.head_checked || here(&p, held) < part)
			continue;
		n = here(&p, held);
		CHECK(memcmp(buf + p.head_len, body + taken, n) == 0);
		taken += n;
		held = http_take(&p, buf, held, n);
		most = held > most ? held : most;
		CHECK_STR(msg.path, "/x");
	}
	CHECK(v == HTTP_COMPLETE && taken > 0);
	CHECK(taken + msg.body_len == SIZE);
	CHECK(memcmp(msg.body, body + taken, msg.body_len) == 0);
	CHECK(held - msg.consumed <= strlen(NEXT));
	CHECK(memcmp(buf + msg.consumed, NEXT, held - msg.consumed) == 0);
	/* what is left behind a part is the framing of one piece */
	CHECK(most <= p.head_len + step);
}

static void
test_a_body_is_taken_in_parts(void)
{
	static const size_t steps[] = { 1, 13, 1000, 65536 },
			    parts[] = { 1, 100, 70000 },
			    sizes[] = { 1000, 65536, 70001, SIZE };
	size_t i, k, s;

	for (i = 0; i < SIZE; i++)
		body[i] = (char)('a' + i * i % 25);
	for (i = 0; i < 4; i++)
		for (k = 0; k < 3; k++) {
			check(write_length(), steps[i], parts[k]);
			for (s = 0; s < 4; s++)
				check(write_chunks(sizes[s]), steps[i],
				    parts[k]);
		}
}

static void
test_parts_that_are_gone_count_for_the_limit(void)
{
	struct http_parser  p = { .body_max = SIZE };
	struct http_message msg;
	struct http_fault   fault;
	size_t		    n = write_head("Transfer-Encoding: chunked"), held;

	memcpy(buf, text, n);
	held = n + (size_t)sprintf(buf + n, "5\r\nabcde\r\n");
	CHECK(http_parse(&p, buf, held, &msg, &fault) == HTTP_MORE);
	held = http_take(&p, buf, held, 5);
	CHECK(held == n && p.taken == 5 && p.body_len == 5);
	held += (size_t)sprintf(buf + n, "%x\r\n", SIZE - 4);
	CHECK(http_parse(&p, buf, held, &msg, &fault) == HTTP_REFUSED);
	CHECK(fault.status == 413);
}

int
main(void)
{
	RUN(test_a_body_is_taken_in_parts);
	RUN(test_parts_that_are_gone_count_for_the_limit);
	return unit_end("http_take");
}
