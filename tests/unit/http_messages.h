/*
 * Messages, good and bad, for the test of the framing.
 */
#ifndef CASEWORK_UNIT_HTTP_MESSAGES_H
#define CASEWORK_UNIT_HTTP_MESSAGES_H

#define CHUNKS                           \
	"POST / HTTP/1.1\r\nHost: a\r\n" \
	"Transfer-Encoding: chunked\r\n\r\n"
#define ZEROS "0000000000000000000000000000000000000000"
#define FIVE  "\"1\",\"2\",\"3\",\"4\",\"5\","
#define TAGS  FIVE FIVE FIVE FIVE

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
	{ "absolute form without a path",
	    "GET http://a:80 HTTP/1.1\r\nHost: a\r\n\r\n", 0, "", 1 },
	{ "absolute form with a query and no path",
	    "GET HTTPS://[::1]?y HTTP/1.1\r\nHost: a\r\n\r\n", 0, "", 1 },
	{ "absolute form with a user",
	    "GET http://u@a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "absolute form with a password and no path",
	    "GET http://u:p@a HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "absolute form without a host",
	    "GET http:///x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "absolute form of a port alone",
	    "GET http://:80/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "absolute form with a port that is none",
	    "GET http://a:b/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "absolute form of another scheme",
	    "GET ftp://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 400, "", 0 },
	{ "host that is empty", "GET / HTTP/1.1\r\nHost:\r\n\r\n", 400, "", 0 },
	{ "host with a port that is none",
	    "GET / HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, "", 0 },
	{ "http/1.2 is 1.1", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", 0, "", 1 },
	{ "http/1.9 needs a host, too", "GET / HTTP/1.9\r\n\r\n", 400, "", 0 },
	{ "http/0.9", "GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505, "", 0 },
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
	{ "carriage return alone",
	    "GET / HTTP/1.1\r\nHost: a\r\nX: a\rYZ: b\r\n\r\n", 400, "", 0 },
	{ "no length and a coding",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n",
	    400, "", 0 },
	{ "a coding and no length",
	    "POST / HTTP/1.1\r\nHost: a\r\n"
	    "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n\r\n",
	    400, "", 0 },
	{ "one coding twice",
	    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
	    "chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
	    501, "", 0 },
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
	    "chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nGET /",
	    0, "x", 1 },
	{ "body on get",
	    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1"
	    "\r\n\r\nxGET /",
	    0, "x", 1 },
	{ "chunk size",
	    "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: "
	    "chunked\r\n\r\n0x1\r\nh\r\n0\r\n\r\n",
	    400, "", 0 },
	{ "chunk size of nine digits", CHUNKS "100000000\r\nh\r\n", 400, "",
	    0 },
	{ "zeros in front of sizes",
	    CHUNKS "000000001\r\nh\r\n" ZEROS "2;x\r\ni!\r\n" ZEROS "\r\n\r\n",
	    0, "hi!", 1 },
	{ "zeros longer than a line",
	    CHUNKS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS ZEROS "1\r\nh\r\n", 400,
	    "", 0 },
	{ "zeros and then no digit", CHUNKS "00x1\r\nh\r\n", 400, "", 0 },
	{ "junk behind a size", CHUNKS "1 x\r\nh\r\n0\r\n\r\n", 400, "", 0 },
	{ "extension without a name", CHUNKS "1;\r\nh\r\n0\r\n\r\n", 400, "",
	    0 },
	{ "quote without its end behind the last chunk",
	    CHUNKS "1\r\nh\r\n0;a=\"\r\n\r\n", 400, "", 0 },
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

#endif
