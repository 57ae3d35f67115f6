/*
 * One HTTP/1.1 message as it was read, and how large it may be.
 */
#ifndef CASEWORK_HTTP_MESSAGE_H
#define CASEWORK_HTTP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>

#define HTTP_HEADERS_MAX 64
#define HTTP_HEAD_MAX	 16384 /* bytes up to the empty line */
#define HTTP_TARGET_MAX	 8000
#define HTTP_BODY_MAX	 65536 /* decoded; more on request only */

enum http_method {
	HTTP_GET,
	HTTP_HEAD,
	HTTP_POST,
	HTTP_PUT,
	HTTP_PATCH,
	HTTP_DELETE,
	HTTP_OPTIONS,
	HTTP_METHODS
};

struct http_header {
	const char *name;  /* NUL terminated, as sent */
	const char *value; /* NUL terminated, trimmed */
};

/* Points into the buffer that was parsed. */
struct http_message {
	enum http_method   method;
	const char	  *path;  /* still percent-encoded */
	const char	  *query; /* NULL without a ? */
	int		   minor; /* HTTP/1.minor */
	bool		   keep_alive;
	bool		   expect_continue;
	bool		   complete; /* the body is here */
	const char	  *body;     /* NUL terminated */
	size_t		   body_len; /* if not complete: as declared, or 0 */
	size_t		   consumed; /* bytes of this message */
	size_t		   nheaders;
	struct http_header header[HTTP_HEADERS_MAX]; /* last: not cleared */
};

/* "GET" and so on. */
const char *http_method_name(enum http_method);

#endif
