/*
 * The chunked transfer coding (RFC 9112 7.1), under the limits of any body and
 * as strict as the head: a reader in front that takes a line otherwise would
 * see another end of the message. No whitespace, though RFC 9112 forgives some:
 * nobody sends it, and readers differ in what they make of it.
 */
#include <sys/param.h>

#include <ctype.h>
#include <string.h>

#include "http_chunks.h"
#include "http_field.h"

#define CHUNK_LINE_MAX	 256
#define CHUNK_SIZE_MAX	 8  /* digits, besides zeros in front */
#define FRAMING_PER_BYTE 32 /* of data, besides HTTP_HEAD_MAX */

static enum http_verdict find_line(struct http_parser *, const char *, size_t,
    size_t *, struct http_fault *);
static enum http_verdict begin_chunk(struct http_parser *, const char *, size_t,
    struct http_fault *);
static enum http_verdict read_data(struct http_parser *, char *, size_t,
    struct http_fault *);
static enum http_verdict read_size(const char *, size_t, size_t *,
    struct http_fault *);
static bool		 is_extension(const char *, size_t);
static enum http_verdict read_trailers(struct http_parser *, char *, size_t,
    struct http_fault *);
static enum http_verdict too_long(const struct http_parser *,
    struct http_fault *);

/*
 * chunk = size [ext] CRLF data CRLF, the last one of size 0. Decoded bytes
 * move down to follow the head; p->raw is where the undecoded ones begin.
 */
enum http_verdict
http_read_chunks(struct http_parser *p, char *buf, size_t len,
    struct http_fault *fault)
{
	enum http_verdict v;

	while (!p->trailing) {
		v = p->chunk > 0 ? read_data(p, buf, len, fault) :
				   begin_chunk(p, buf, len, fault);
		if (v != HTTP_COMPLETE)
			return v;
	}
	return read_trailers(p, buf, len, fault);
}

/* The line in front of a chunk. Its data may come later. */
static enum http_verdict
begin_chunk(struct http_parser *p, const char *buf, size_t len,
    struct http_fault *fault)
{
	enum http_verdict v;
	size_t		  size, line_len;

	v = find_line(p, buf, len, &line_len, fault);
	if (v != HTTP_COMPLETE)
		return v;
	v = read_size(buf + p->raw, line_len, &size, fault);
	if (v != HTTP_COMPLETE)
		return v;
	if (p->body_len + size >
	    (p->body_max == 0 ? HTTP_BODY_MAX : p->body_max))
		return p->body_max == 0 ?
		    HTTP_LARGE :
		    http_refuse(fault, 413,
			"The body is larger than its limit.");
	p->raw += line_len + 2;
	p->framing += line_len + 4;
	if (size == 0) {
		p->framing = 0; /* trailers are counted anew */
		p->trailing = true;
	} else
		p->chunk = size + 2;
	return HTTP_COMPLETE;
}

/* What has come of it: all of a chunk needs not be in the buffer at once. */
static enum http_verdict
read_data(struct http_parser *p, char *buf, size_t len,
    struct http_fault *fault)
{
	size_t n = len - p->raw;

	if (p->chunk > 2) {
		if (n > p->chunk - 2)
			n = p->chunk - 2;
		memmove(buf + p->head_len + p->body_len - p->taken,
		    buf + p->raw, n);
		p->body_len += n;
		p->raw += n;
		p->chunk -= n;
	}
	if (p->chunk > 2 || len - p->raw < 2)
		return HTTP_MORE;
	if (memcmp(buf + p->raw, "\r\n", 2) != 0)
		return http_refuse(fault, 400,
		    "A chunk is longer than its size says.");
	p->raw += 2;
	p->chunk = 0;
	if (p->framing > HTTP_HEAD_MAX + FRAMING_PER_BYTE * p->body_len)
		return http_refuse(fault, 400,
		    "The chunks are more framing than data.");
	return HTTP_COMPLETE;
}

size_t
http_take(struct http_parser *p, char *buf, size_t len, size_t bytes)
{
	char *data = buf + p->head_len;

	len = http_compact(p, buf, len) - bytes;
	memmove(data, data + bytes, len - p->head_len);
	p->taken += bytes;
	if (p->chunked) {
		p->scanned = MAX(p->scanned, p->raw) - bytes;
		p->raw -= bytes;
	}
	return len;
}

size_t
http_compact(struct http_parser *p, char *buf, size_t len)
{
	size_t decoded = p->head_len + p->body_len - p->taken, gap;

	if (!p->chunked || p->raw <= decoded)
		return len;
	gap = p->raw - decoded;
	memmove(buf + decoded, buf + p->raw, len - p->raw);
	p->scanned = p->scanned > p->raw ? p->scanned - gap : decoded;
	p->raw = decoded;
	return len - gap;
}

/*
 * The length of the line that begins at p->raw, without its CRLF. A line feed
 * alone ends no line. What has been looked at is not looked at again.
 */
static enum http_verdict
find_line(struct http_parser *p, const char *buf, size_t len, size_t *line_len,
    struct http_fault *fault)
{
	const size_t max = p->trailing ? HTTP_HEAD_MAX : CHUNK_LINE_MAX;
	const size_t end = len - p->raw < max + 2 ? len : p->raw + max + 2;
	const size_t from = p->scanned > p->raw ? p->scanned : p->raw;
	const char  *lf = memchr(buf + from, '\n', end - from);

	if (lf == NULL) {
		p->scanned = end;
		return end - p->raw < max + 2 ? HTTP_MORE : too_long(p, fault);
	}
	if (lf == buf + p->raw || lf[-1] != '\r')
		return http_refuse(fault, 400,
		    "A line of the chunks ends in a line feed alone.");
	*line_len = (size_t)(lf - 1 - (buf + p->raw));
	p->scanned = p->raw;
	return HTTP_COMPLETE;
}

static enum http_verdict
too_long(const struct http_parser *p, struct http_fault *fault)
{
	if (p->trailing)
		return http_refuse(fault, 431,
		    "The trailers are larger than 16384 bytes.");
	return http_refuse(fault, 400,
	    "A chunk header is longer than 256 bytes.");
}

/* Zeros in front say nothing; there are no more than fit into the line. */
static enum http_verdict
read_size(const char *line, size_t len, size_t *size, struct http_fault *fault)
{
	size_t i = 0, first;
	int    c;

	*size = 0;
	while (i < len && line[i] == '0')
		i++;
	for (first = i; i < len && i - first < CHUNK_SIZE_MAX; i++) {
		c = tolower((unsigned char)line[i]);
		if (!isxdigit(c))
			break;
		*size =
		    *size * 16 + (size_t)(isdigit(c) ? c - '0' : c - 'a' + 10);
	}
	if (i == 0 || (i < len && line[i] != ';'))
		return http_refuse(fault, 400,
		    "A chunk size is not a hexadecimal number of at most 8 "
		    "digits.");
	if (!is_extension(line + i, len - i))
		return http_refuse(fault, 400,
		    "A chunk extension is malformed.");
	return HTTP_COMPLETE;
}

/* chunk-ext = *( ";" token [ "=" ( token / quoted-string ) ] ) */
static bool
is_extension(const char *p, size_t len)
{
	const char *end = p + len;
	size_t	    n;

	while (p < end) {
		if (*p++ != ';')
			return false;
		for (n = 0; p + n < end && http_is_tchar(p[n]); n++)
			;
		if (n == 0)
			return false;
		p += n;
		if (p == end || *p != '=')
			continue;
		p++;
		n = http_value_length(p, (size_t)(end - p));
		if (n == 0)
			return false;
		p += n;
	}
	return true;
}

/*
 * Trailers up to an empty line are field lines, under the limits of a head, and
 * dropped. p->raw follows line by line, so that none is read twice.
 */
static enum http_verdict
read_trailers(struct http_parser *p, char *buf, size_t len,
    struct http_fault *fault)
{
	struct http_header field;
	enum http_verdict  v;
	const char	  *malformed;
	char		  *line;
	size_t		   line_len;

	for (;;) {
		v = find_line(p, buf, len, &line_len, fault);
		if (v != HTTP_COMPLETE)
			return v;
		line = buf + p->raw;
		p->raw += line_len + 2;
		p->framing += line_len + 2;
		if (line_len == 0)
			return HTTP_COMPLETE;
		if (p->framing > HTTP_HEAD_MAX)
			return too_long(p, fault);
		if (++p->trailers > HTTP_HEADERS_MAX)
			return http_refuse(fault, 431,
			    "There are more than 64 trailers.");
		malformed = http_field_read(line, line + line_len, &field);
		if (malformed != NULL)
			return http_refuse(fault, 400, malformed);
		if (!http_may_trail(field.name))
			return http_refuse(fault, 400,
			    "A trailer holds a field that belongs in the "
			    "head.");
	}
}
