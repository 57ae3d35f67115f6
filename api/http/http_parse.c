/*
 * HTTP/1.1 framing (RFC 9112). Whatever two readers could understand
 * differently is refused: both length headers, bodies where none belongs,
 * bare line feeds, folded lines, spaces before a colon. The head is checked
 * in full before the body is awaited, so that a bad request is answered at
 * once.
 */
#include <ctype.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "http_chunks.h"
#include "http_field.h"
#include "http_headers.h"
#include "http_host.h"
#include "http_parse.h"

/* What the head says about the body. */
struct framing {
	bool		 has_length, has_coding, has_host, close;
	size_t		 length;
	struct http_seen seen;
};

static enum http_verdict find_head(struct http_parser *, const char *, size_t,
    struct http_fault *);
static enum http_verdict read_head(struct http_parser *, char *,
    struct http_message *, struct http_fault *);
static enum http_verdict check_framing(struct http_parser *,
    const struct framing *, const struct http_message *, struct http_fault *);
static enum http_verdict read_request_line(char *, char *,
    struct http_message *, struct http_fault *);
static char		*read_target(char *, char *, int, struct http_fault *);
static char *cut_authority(char *, char *, int, struct http_fault *);
static enum http_verdict read_header(char *, char *, struct framing *,
    struct http_message *, struct http_fault *);
static enum http_verdict read_framing(const char *, const char *, size_t,
    struct framing *, struct http_message *, struct http_fault *);
static bool		 has_word(const char *, const char *);

enum http_verdict
http_parse(struct http_parser *p, char *buf, size_t len,
    struct http_message *msg, struct http_fault *fault)
{
	enum http_verdict v;
	size_t		  end;

	if (p->head_len == 0) {
		v = find_head(p, buf, len, fault);
		if (v != HTTP_COMPLETE)
			return v;
	}
	if (!p->head_checked) {
		v = read_head(p, buf, msg, fault);
		if (v != HTTP_COMPLETE)
			return v;
		p->base = buf;
		p->head_checked = true;
		p->raw = p->head_len;
		p->expect_continue = msg->expect_continue;
	}
	http_moved(p, msg, buf);

	if (p->chunked) {
		v = http_read_chunks(p, buf, len, fault);
		if (v != HTTP_COMPLETE)
			return v;
		end = p->raw;
	} else {
		end = p->head_len + p->body_len - p->taken;
		msg->body_len = p->body_len;
		if (p->body_len > HTTP_BODY_MAX && p->body_max == 0)
			return HTTP_LARGE;
		if (len < end)
			return HTTP_MORE;
	}

	msg->complete = true;
	msg->body = buf + p->head_len;
	msg->body_len = p->body_len - p->taken;
	msg->consumed = end;
	return HTTP_COMPLETE;
}

static enum http_verdict
find_head(struct http_parser *p, const char *buf, size_t len,
    struct http_fault *fault)
{
	const char *end;
	size_t	    from = p->scanned < 3 ? 0 : p->scanned - 3;

	end = memmem(buf + from, len - from, "\r\n\r\n", 4);
	if (end == NULL) {
		p->scanned = len;
		if (len < HTTP_HEAD_MAX)
			return HTTP_MORE;
		if (memchr(buf, '\n', len) == NULL)
			return http_refuse(fault, 414,
			    "The request target is longer than 8000 bytes.");
		return http_refuse(fault, 431,
		    "The header block is larger than 16384 bytes.");
	}
	p->head_len = (size_t)(end - buf) + 4;
	if (p->head_len > HTTP_HEAD_MAX)
		return http_refuse(fault, 431,
		    "The header block is larger than 16384 bytes.");
	if (memchr(buf, '\0', p->head_len) != NULL)
		return http_refuse(fault, 400, "The header block holds a NUL.");
	return HTTP_COMPLETE;
}

/* The request line and all header lines, each string cut out in place. */
static enum http_verdict
read_head(struct http_parser *p, char *buf, struct http_message *msg,
    struct http_fault *fault)
{
	struct framing	  f = { 0 };
	enum http_verdict v;
	char		 *line, *eol = buf;
	char		 *end = buf + p->head_len - 2;

	memset(msg, 0, offsetof(struct http_message, header));
	for (line = buf; line < end; line = eol + 2) {
		eol = memchr(line, '\r', (size_t)(end + 2 - line));
		if (eol[1] != '\n')
			return http_refuse(fault, 400,
			    "A carriage return stands alone.");
		if (line == buf)
			v = read_request_line(line, eol, msg, fault);
		else if (msg->nheaders == HTTP_HEADERS_MAX)
			return http_refuse(fault, 431,
			    "There are more than 64 header lines.");
		else
			v = read_header(line, eol, &f, msg, fault);
		if (v != HTTP_COMPLETE)
			return v;
	}
	if (f.close)
		msg->keep_alive = false;
	return check_framing(p, &f, msg, fault);
}

static enum http_verdict
check_framing(struct http_parser *p, const struct framing *f,
    const struct http_message *msg, struct http_fault *fault)
{
	if (!f->has_host && msg->minor > 0)
		return http_refuse(fault, 400, "The Host header is missing.");
	if (f->has_length && f->has_coding)
		return http_refuse(fault, 400,
		    "Content-Length and "
		    "Transfer-Encoding exclude each other.");
	if (f->has_coding && msg->minor == 0)
		return http_refuse(fault, 400,
		    "HTTP/1.0 has no Transfer-Encoding.");
	p->chunked = f->has_coding;
	p->body_len = f->length;
	return HTTP_COMPLETE;
}

void
http_moved(struct http_parser *p, struct http_message *msg, const char *buf)
{
	const uintptr_t by = (uintptr_t)buf - (uintptr_t)p->base;
	size_t		i;

	if (!p->head_checked || by == 0)
		return;
	p->base = buf;
#define MOVE(text) ((text) = (const char *)((uintptr_t)(text) + by))
	MOVE(msg->path);
	if (msg->query != NULL)
		MOVE(msg->query);
	for (i = 0; i < msg->nheaders; i++) {
		MOVE(msg->header[i].name);
		MOVE(msg->header[i].value);
	}
#undef MOVE
}

/* request-line = method SP request-target SP HTTP-version */
static enum http_verdict
read_request_line(char *line, char *eol, struct http_message *msg,
    struct http_fault *fault)
{
	char *target, *space, *p;
	int   i;

	space = memchr(line, ' ', (size_t)(eol - line));
	if (space == NULL || !http_is_token(line, (size_t)(space - line)))
		return http_refuse(fault, 400,
		    "The request line is malformed.");
	for (i = 0; i < HTTP_METHODS; i++)
		if (strlen(http_method_name((enum http_method)i)) ==
			(size_t)(space - line) &&
		    memcmp(http_method_name((enum http_method)i), line,
			(size_t)(space - line)) == 0)
			break;

	target = space + 1;
	space = memchr(target, ' ', (size_t)(eol - target));
	if (space == NULL || space == target)
		return http_refuse(fault, 400,
		    "The request line is malformed.");
	if (eol - space != 9 || memcmp(space, " HTTP/", 6) != 0 ||
	    !isdigit((unsigned char)space[6]) || space[7] != '.' ||
	    !isdigit((unsigned char)space[8]))
		return http_refuse(fault, 400,
		    "The request line is malformed.");
	if (space[6] != '1')
		return http_refuse(fault, 505, "Use HTTP/1.1.");
	if (i == HTTP_METHODS)
		return http_refuse(fault, 501, "The method is not known here.");
	if (space - target > HTTP_TARGET_MAX)
		return http_refuse(fault, 414,
		    "The request target is longer than 8000 bytes.");
	if ((target = read_target(target, space, i, fault)) == NULL)
		return HTTP_REFUSED;

	msg->method = (enum http_method)i;
	msg->minor = space[8] == '0' ? 0 : 1; /* the highest there is here */
	msg->path = target;
	p = memchr(target, '?', (size_t)(space - target));
	msg->query = p == NULL ? NULL : p + 1;
	msg->keep_alive = msg->minor > 0;
	*space = '\0';
	if (p != NULL)
		*p = '\0';
	return HTTP_COMPLETE;
}

/* Where path and query begin; NULL after http_refuse(). */
static char *
read_target(char *target, char *end, int method, struct http_fault *fault)
{
	const char *p;

	for (p = target; p < end; p++) {
		if (*p > 0x20 && *p < 0x7f && *p != '#')
			continue;
		(void)http_refuse(fault, 400,
		    "The request target holds "
		    "a character that must be percent-encoded.");
		return NULL;
	}
	if (strncasecmp(target, "http://", 7) == 0 ||
	    strncasecmp(target, "https://", 8) == 0)
		return cut_authority(target, end, method, fault);
	if (*target == '/' ||
	    (method == HTTP_OPTIONS && *target == '*' && end - target == 1))
		return target;
	(void)http_refuse(fault, 400,
	    "The request target does not start with a slash.");
	return NULL;
}

/*
 * absolute-form (RFC 9112 3.2.2): who is asked must be a host, and is not
 * needed. Its last byte makes room for the path of a target that has none: "/",
 * or the server itself, where OPTIONS asks for it (3.2.4).
 */
static char *
cut_authority(char *target, char *end, int method, struct http_fault *fault)
{
	char *host = strchr(target, ':') + 3, *path = host;

	while (path < end && *path != '/' && *path != '?')
		path++;
	if (!http_is_host(host, (size_t)(path - host))) {
		(void)http_refuse(fault, 400,
		    "The request target names no host, or more than host and "
		    "port.");
		return NULL;
	}
	if (path < end && *path == '/')
		return path;
	path[-1] = method == HTTP_OPTIONS && path == end ? '*' : '/';
	return path - 1;
}

static enum http_verdict
read_header(char *line, char *eol, struct framing *f, struct http_message *msg,
    struct http_fault *fault)
{
	struct http_header *field = &msg->header[msg->nheaders];
	const char	   *malformed = http_field_read(line, eol, field);
	int		    status = 400;

	if (malformed == NULL)
		malformed = http_count_field(field, &f->seen, &status);
	if (malformed != NULL)
		return http_refuse(fault, status, malformed);
	msg->nheaders++;
	return read_framing(field->name, field->value, strlen(field->value), f,
	    msg, fault);
}

/* The headers that say where the message ends; Host, Expect, Connection. */
static enum http_verdict
read_framing(const char *name, const char *value, size_t len, struct framing *f,
    struct http_message *msg, struct http_fault *fault)
{
	size_t i;

	if (strcasecmp(name, "content-length") == 0) {
		f->has_length = true;
		if (len == 0 || len > 15)
			return http_refuse(fault, 400,
			    "Content-Length is not a whole number.");
		for (i = 0; i < len; i++) {
			if (!isdigit((unsigned char)value[i]))
				return http_refuse(fault, 400,
				    "Content-Length is not a whole number.");
			f->length = f->length * 10 + (size_t)(value[i] - '0');
		}
	} else if (strcasecmp(name, "transfer-encoding") == 0) {
		if (f->has_coding || len != 7 ||
		    strncasecmp(value, "chunked", 7) != 0)
			return http_refuse(fault, 501,
			    "The only Transfer-Encoding here is chunked.");
		f->has_coding = true;
	} else if (strcasecmp(name, "host") == 0) {
		if (!http_is_host(value, len))
			return http_refuse(fault, 400,
			    "Host is not a host, with a port or without.");
		f->has_host = true;
	} else if (strcasecmp(name, "expect") == 0) {
		if (len != 12 || strncasecmp(value, "100-continue", 12) != 0)
			return http_refuse(fault, 417,
			    "The only expectation met here is 100-continue.");
		msg->expect_continue = msg->minor > 0;
	} else if (strcasecmp(name, "connection") == 0) {
		f->close |= has_word(value, "close");
		msg->keep_alive |= has_word(value, "keep-alive");
	}
	return HTTP_COMPLETE;
}

/* Whether a comma separated list holds the word, in any case. */
static bool
has_word(const char *list, const char *word)
{
	const size_t len = strlen(word);

	for (; list != NULL; list = strchr(list, ',')) {
		while (*list == ',' || *list == ' ' || *list == '\t')
			list++;
		if (strncasecmp(list, word, len) == 0 &&
		    strchr(", \t", list[len]) != NULL)
			return true;
	}
	return false;
}
