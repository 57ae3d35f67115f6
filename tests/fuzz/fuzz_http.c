/*
 * Fuzzes the HTTP framing: any bytes, in pieces as the first byte says. A
 * message that is complete in pieces, compacted between them or its body taken
 * out, must be the one that is read at once.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http_chunks.h"
#include "http_headers.h"
#include "http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* Where parts of the body go; NULL: nowhere. */
static char *taken;

static void
take(struct http_parser *p, char *buf, size_t *held)
{
	size_t here = *held - p->head_len;

	if (p->chunked)
		here = p->body_len - p->taken;
	memcpy(taken + p->taken, buf + p->head_len, here);
	*held = http_take(p, buf, *held, here);
}

static enum http_verdict
parse(const uint8_t *data, size_t size, size_t step, char *buf,
    struct http_message *msg, size_t *saved)
{
	struct http_parser parser = { 0 };
	struct http_fault  fault;
	enum http_verdict  v = HTTP_MORE;
	size_t		   n = 0, held = 0, more;

	*saved = 0;
	while (v == HTTP_MORE && n < size) {
		more = step > size - n ? size - n : step;
		memcpy(buf + held, data + n, more);
		n += more;
		held += more;
		v = http_parse(&parser, buf, held, msg, &fault);
		if (v == HTTP_LARGE) {
			parser.body_max = 4 * HTTP_BODY_MAX;
			v = http_parse(&parser, buf, held, msg, &fault);
		}
		if (v == HTTP_MORE) {
			*saved += held;
			if (taken != NULL && parser.head_checked)
				take(&parser, buf, &held);
			else
				held = http_compact(&parser, buf, held);
			*saved -= held;
		}
		assert(v != HTTP_REFUSED || fault.status >= 400);
	}
	return v;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct http_message once, pieces;
	enum http_verdict   v;
	char		   *a, *b;
	size_t		    saved;

	if (size < 2)
		return 0;
	a = malloc(size);
	b = malloc(size);
	v = parse(data + 1, size - 1, size, a, &once, &saved);
	if (v == HTTP_COMPLETE) {
		assert(parse(data + 1, size - 1, (size_t)data[0] + 1, b,
			   &pieces, &saved) == HTTP_COMPLETE);
		assert(once.consumed == pieces.consumed + saved);
		assert(once.body_len == pieces.body_len);
		assert(memcmp(once.body, pieces.body, once.body_len) == 0);
		assert(strcmp(once.path, pieces.path) == 0);
		(void)http_header(&once, "host");
		taken = malloc(size);
		assert(parse(data + 1, size - 1, (size_t)data[0] + 1, b,
			   &pieces, &saved) == HTTP_COMPLETE);
		assert(once.consumed == pieces.consumed + saved);
		assert(memcmp(once.body, taken,
			   once.body_len - pieces.body_len) == 0);
		assert(memcmp(once.body + once.body_len - pieces.body_len,
			   pieces.body, pieces.body_len) == 0);
		free(taken);
		taken = NULL;
	}
	free(a);
	free(b);
	return 0;
}
