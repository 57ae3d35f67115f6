/*
 * The chunked transfer coding (RFC 9112 7.1), under the limits of any body.
 */
#include <ctype.h>
#include <string.h>

#include "http_chunks.h"

#define CHUNK_LINE_MAX 256

static enum http_verdict read_size(const char *, size_t, size_t *,
    struct http_fault *);
static enum http_verdict read_trailers(struct http_parser *, char *, char *,
    size_t, struct http_fault *);

/*
 * chunk = size [ext] CRLF data CRLF, the last one of size 0. Decoded bytes
 * move down to follow the head; p->raw is where the undecoded ones begin.
 */
enum http_verdict
http_read_chunks(struct http_parser *p, char *buf, size_t len,
    struct http_fault *fault)
{
	enum http_verdict v;
	char		 *line, *eol;
	size_t		  size, left, line_len;

	for (;;) {
		line = buf + p->raw;
		left = len - p->raw;
		eol = memmem(line, left, "\r\n", 2);
		line_len = eol == NULL ? left : (size_t)(eol - line);
		if (line_len > CHUNK_LINE_MAX)
			return http_refuse(fault, 400,
			    "A chunk header is longer than 256 bytes.");
		if (eol == NULL)
			return HTTP_MORE;
		v = read_size(line, line_len, &size, fault);
		if (v != HTTP_COMPLETE)
			return v;
		if (size == 0)
			return read_trailers(p, buf, eol + 2, len, fault);
		if (p->body_len + size >
		    (p->body_max == 0 ? HTTP_BODY_MAX : p->body_max))
			return p->body_max == 0 ?
			    HTTP_LARGE :
			    http_refuse(fault, 413,
				"The body is larger than its limit.");
		if (left < line_len + 2 + size + 2)
			return HTTP_MORE;
		if (memcmp(eol + 2 + size, "\r\n", 2) != 0)
			return http_refuse(fault, 400,
			    "A chunk is longer than its size says.");
		memmove(buf + p->head_len + p->body_len, eol + 2, size);
		p->body_len += size;
		p->raw += line_len + 2 + size + 2;
	}
}

size_t
http_compact(struct http_parser *p, char *buf, size_t len)
{
	size_t decoded = p->head_len + p->body_len, gap;

	if (!p->chunked || p->raw <= decoded)
		return len;
	gap = p->raw - decoded;
	memmove(buf + decoded, buf + p->raw, len - p->raw);
	p->raw = decoded;
	return len - gap;
}

static enum http_verdict
read_size(const char *line, size_t len, size_t *size, struct http_fault *fault)
{
	size_t i;
	int    c;

	*size = 0;
	for (i = 0; i < len && i < 8; i++) {
		c = tolower((unsigned char)line[i]);
		if (!isxdigit(c))
			break;
		*size =
		    *size * 16 + (size_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	if (i == 0 ||
	    (i < len && line[i] != ';' && line[i] != ' ' && line[i] != '\t'))
		return http_refuse(fault, 400,
		    "A chunk size is not a hexadecimal number.");
	for (; i < len; i++)
		if ((unsigned char)line[i] < 0x20 && line[i] != '\t')
			return http_refuse(fault, 400,
			    "A chunk header holds a control character.");
	return HTTP_COMPLETE;
}

/* Trailers up to an empty line are dropped. */
static enum http_verdict
read_trailers(struct http_parser *p, char *buf, char *line, size_t len,
    struct http_fault *fault)
{
	char *eol;

	while ((eol = memmem(line, len - (size_t)(line - buf), "\r\n", 2)) !=
		NULL &&
	    eol != line)
		line = eol + 2;
	if (eol == NULL) {
		if (len - p->raw > HTTP_HEAD_MAX)
			return http_refuse(fault, 431,
			    "The trailers are larger than 16384 bytes.");
		return HTTP_MORE;
	}
	p->raw = (size_t)(eol + 2 - buf);
	return HTTP_COMPLETE;
}
