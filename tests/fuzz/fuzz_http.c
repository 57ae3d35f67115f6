/*
 * Fuzzes the HTTP framing: any bytes, in pieces as the first byte says. A
 * message that is complete in pieces must be the one that is read at once.
 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static enum http_verdict
parse(const uint8_t *data, size_t size, size_t step, char *buf,
    struct http_message *msg)
{
	struct http_parser parser = { 0 };
	struct http_fault  fault;
	enum http_verdict  v = HTTP_MORE;
	size_t		   n = 0;

	memcpy(buf, data, size);
	while (v == HTTP_MORE && n < size) {
		n = n + step > size ? size : n + step;
		v = http_parse(&parser, buf, n, msg, &fault);
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

	if (size < 2)
		return 0;
	a = malloc(size);
	b = malloc(size);
	v = parse(data + 1, size - 1, size, a, &once);
	if (v == HTTP_COMPLETE) {
		assert(parse(data + 1, size - 1, (size_t)data[0] + 1, b,
			   &pieces) == HTTP_COMPLETE);
		assert(once.consumed == pieces.consumed);
		assert(once.body_len == pieces.body_len);
		assert(memcmp(once.body, pieces.body, once.body_len) == 0);
		assert(strcmp(once.path, pieces.path) == 0);
		(void)http_header(&once, "host");
	}
	free(a);
	free(b);
	return 0;
}
