/*
 * The whole way of a request that is read: framing, route, token, headers,
 * query, body, against the real document. It ends where sockets and PostgreSQL
 * begin: what the engine would say to them is taken here.
 */
#include <sys/mman.h>

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auth_keys.h"
#include "auth_settings.h"
#include "base64url.h"
#include "budget.h"
#include "connection.h"
#include "connection_input.h"
#include "cursor.h"
#include "document.h"
#include "embedded.h"
#include "hooks.h"
#include "http_chunks.h"
#include "idempotency.h"
#include "log.h"
#include "metrics.h"
#include "price.h"
#include "price_client.h"
#include "request_settings.h"
#include "runner.h"
#include "wall_clock.h"

#define SECRET	   "0123456789abcdef0123456789abcdef"
#define TEXT_BYTES 9000 /* of a long description */
#define TEXT(name)                                               \
	{                                                        \
		.text = name, .len = (size_t)(name##_end - name) \
	}

struct price price;

static struct client client;
static uint64_t	     ordinary_read, ordinary_write, ordinary_byte;
static struct {
	const char *mark, *text;
} tokens[2];

static const char ordinary_get[] =
    "GET /v1/calendar?from=2026-11-23&to=2026-11-30 HTTP/1.1\r\n"
    "Host: casework.example\r\nUser-Agent: curl/7.88.1\r\nAccept: */*\r\n"
    "Accept-Encoding: gzip\r\nConnection: keep-alive\r\n\r\n";
void
price_count(uint64_t steps)
{
	price.steps += steps;
}

/* ---- what a process has at its start ---- */

static const char *
file_of(const char *content)
{
	static char path[64];
	int	    fd = memfd_create("price", 0);

	if (write(fd, content, strlen(content)) == -1)
		abort();
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return path;
}

static const char *
token(const char *subject)
{
	unsigned char digest[32];
	const long    now = (long)wall_clock_seconds();
	char	      claims[512], *text = calloc(1, 1024), *end = text;
	const char    header[] =
	    "{\"typ\":\"at+jwt\",\"alg\":\"HS256\",\"kid\":\"k\"}";

	snprintf(claims, sizeof(claims),
	    "{\"iss\":\"i\",\"aud\":\"a\",\"iat\":%ld,\"exp\":%ld,\"sub\":"
	    "\"%s\",\"client_id\":\"c\",\"jti\":\"1\",\"scope\":\"cases:read "
	    "cases:write contacts:write calls:write incidents:write "
	    "webhooks:write\"}",
	    now, now + 3600, subject);
	base64url_encode(header, strlen(header), end);
	end = stpcpy(text + strlen(text), ".");
	base64url_encode(claims, strlen(claims), end);
	end += strlen(end);
	HMAC(EVP_sha256(), SECRET, 32, (unsigned char *)text,
	    (size_t)(end - text), digest, NULL);
	base64url_encode(digest, sizeof(digest), stpcpy(end, "."));
	return text;
}

static void
load_keys(void)
{
	static const struct auth_settings settings = { "allow", 86400 };
	char				  err[256], keys[256], secret[64];

	auth_configure(&settings);
	base64url_encode(SECRET, strlen(SECRET), secret);
	snprintf(keys, sizeof(keys),
	    "{\"keys\":[{\"kid\":\"k\",\"alg\":\"HS256\",\"secret\":\"%s\"}]}",
	    secret);
	if (auth_load(file_of(keys), "i", "a", err, sizeof(err)) == -1 ||
	    cursor_load(file_of(SECRET), err, sizeof(err)) == -1 ||
	    idempotency_load(file_of(SECRET), err, sizeof(err)) == -1) {
		fprintf(stderr, "%s\n", err);
		abort();
	}
	tokens[0].mark = "Bearer contact";
	tokens[0].text = token("contact:1");
	tokens[1].mark = "Bearer staff";
	tokens[1].text = token("staff:1");
}

static uint64_t
ordinary(const char *request)
{
	struct price p = { 0 };
	int	     i;

	/* The first time it meets empty caches. */
	for (i = 0; i < 3; i++)
		p = price_of(request, strlen(request), SIZE_MAX);
	if (p.status != 503) {
		fprintf(stderr, "an ordinary request is answered %d: %s\n",
		    p.status, request);
		abort();
	}
	return p.steps;
}

/* An ordinary POST with this description. */
static const char *
ordinary_post(const char *description)
{
	static const char head[] =
	    "POST /v1/cases HTTP/1.1\r\nHost: casework.example\r\n"
	    "Authorization: Bearer contact\r\nUser-Agent: curl/7.88.1\r\n"
	    "Accept: */*\r\nContent-Type: application/json\r\n"
	    "Content-Length: ";
	static char text[TEXT_BYTES + 1024], body[TEXT_BYTES + 512];
	int	    len;

	len = snprintf(body, sizeof(body),
	    "{\"priority\": \"high\", \"subject\": \"Grades cannot be "
	    "posted\", \"description\": \"%s\", \"replication_steps\": "
	    "\"Open the grade book, enter a score, post.\"}",
	    description);
	(void)snprintf(text, sizeof(text), "%s%d\r\n\r\n%s", head, len, body);
	return text;
}

void
price_start(void)
{
	static const struct request_settings settings = {
		.public_url = "https://casework.example",
		.cors_origins = "https://portal.casework.example",
		.body_memory = 256,
	};
	const struct operation_setup setup = {
		.hooks = hooks,
		.body_memory = (size_t)settings.body_memory << 20,
	};
	const struct document json = TEXT(embedded_openapi_json);
	const struct document yaml = TEXT(embedded_openapi_yaml);
	const struct document statements = TEXT(embedded_statements);
	static char	      words[TEXT_BYTES + 1];
	char		      err[512];

	json_set_alloc_funcs(price_malloc, free);
	request_start(&settings);
	if (log_open("/dev/null") == -1 || metrics_init(1, 1) == -1 ||
	    document_load(&json, &yaml, &statements, &setup, err,
		sizeof(err)) == -1) {
		fprintf(stderr, "%s\n", err);
		abort();
	}
	metrics_process(0);
	budget_start(operation_body_max());
	load_keys();
	ordinary_read = ordinary(ordinary_get);
	ordinary_write = ordinary(ordinary_post("Posting ends in an error."));
	memset(words, 'x', TEXT_BYTES);
	ordinary_byte =
	    (ordinary(ordinary_post(words)) - ordinary_write) / TEXT_BYTES + 1;
}

/* ---- a request ---- */

/* With tokens in the place of their marks; to be freed. */
static char *
with_tokens(const char *bytes, size_t *len)
{
	char  *text = malloc(*len + 2048), *at;
	size_t i, mark, n;

	memcpy(text, bytes, *len);
	for (i = 0; i < 2; i++) {
		mark = strlen(tokens[i].mark);
		at = memmem(text, *len, tokens[i].mark, mark);
		if (at == NULL)
			continue;
		at += strlen("Bearer ");
		mark -= strlen("Bearer ");
		n = strlen(tokens[i].text);
		memmove(at + n, at + mark, *len - (size_t)(at + mark - text));
		memcpy(at, tokens[i].text, n);
		*len += n - mark;
	}
	return text;
}

static void
refuse(const struct http_fault *fault)
{
	if (client.receiving) {
		client.receiving = false;
		request_handlers.reject(client.request, fault);
	} else {
		request_handlers.refuse(&client, fault);
	}
}

/* What the connection does with what has arrived; false: it is done. */
static bool
parse(void)
{
	static const struct http_fault full = { 413, "No more fits." };
	struct http_fault	       fault;

	for (;;) {
		switch (http_parse(&client.parser, client.buf, client.len,
		    &client.message, &fault)) {
		case HTTP_MORE:
			client.len = http_compact(&client.parser, client.buf,
			    client.len);
			if (client.len == BUFFER_MAX)
				refuse(&full);
			return client.len < BUFFER_MAX;
		case HTTP_REFUSED:
			refuse(&fault);
			return false;
		case HTTP_LARGE:
			client.request =
			    request_handlers.start(&client, &client.message);
			if (client.answered)
				return false;
			break;
		case HTTP_COMPLETE:
			client.buf[client.parser.head_len +
			    client.message.body_len] = '\0';
			if (client.receiving) {
				client.receiving = false;
				request_handlers.received(client.request);
			} else
				(void)request_handlers.start(&client,
				    &client.message);
			return false;
		}
	}
}

struct price
price_of(const char *bytes, size_t len, size_t piece)
{
	char	    *text = with_tokens(bytes, &len);
	struct price p;
	size_t	     n, more;
	bool	     open = true;

	client.len = 0;
	memset(&client.parser, 0, sizeof(client.parser));
	client.message.complete = client.answered = client.receiving = false;
	memset(&price, 0, sizeof(price));
	/* Reading more than once would hide what is done more than once. */
	price_count(PRICE_SYSTEM_CALL);
	for (n = 0; open && n < len; n += more) {
		more = piece < len - n ? piece : len - n;
		if (more > BUFFER_MAX - client.len)
			more = BUFFER_MAX - client.len;
		__builtin_memcpy(client.buf + client.len, text + n, more);
		client.len += more;
		open = parse();
	}
	if (client.receiving)
		request_handlers.abandon(client.request);
	p = price;
	free(text);
	return p;
}

uint64_t
price_limit(const char *bytes, size_t len)
{
	const char *head_end = memmem(bytes, len, "\r\n\r\n", 4);
	size_t	    body =
		 head_end == NULL ? 0 : len - (size_t)(head_end - bytes) - 4;

	if (body == 0)
		return PRICE_ORDINARY_MAX * ordinary_read;
	return PRICE_ORDINARY_MAX * ordinary_write +
	    PRICE_BYTE_MAX * ordinary_byte * body;
}
