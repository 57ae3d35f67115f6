/*
 * What of a streamed body has come: see stream.h. Each part is counted and
 * hashed as it passes by, since nobody will see all of them at once.
 */
#include <assert.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection_input.h"
#include "fail.h"
#include "hex.h"
#include "receive.h"
#include "request.h"
#include "rows.h"
#include "stream.h"

static enum stream_next open_stream(struct request *);
static void		read_part(struct request *);
static EVP_MD_CTX      *start_digest(struct request *, const EVP_MD *);
static void		forget_digest(void *);
static bool		claims_sha512(const struct request *);
static void		take_part(struct request *);
static void		finish(struct request *);
static const char      *hex_digest(struct request *, EVP_MD_CTX *);

enum stream_next
stream_next(struct request *r)
{
	struct stream *s = r->stream;

	if (s == NULL)
		return open_stream(r);
	if (r->msg->body != NULL && r->msg->body_len > 0 && !s->kept) {
		take_part(r);
		return STREAM_SEND;
	}
	s->kept = false;
	if (!r->msg->complete) {
		read_part(r);
		return STREAM_READ;
	}
	finish(r);
	return STREAM_END;
}

/* Rights are PostgreSQL's to say: no byte is read before it has. */
static enum stream_next
open_stream(struct request *r)
{
	struct stream *s;

	if (r->msg->complete && r->msg->body_len == 0) {
		(void)fail(r, PROBLEM_INVALID_REQUEST, "The body is empty.");
		return STREAM_REFUSED;
	}
	s = arena_alloc(r->arena, sizeof(*s));
	s->sha256 = start_digest(r, EVP_sha256());
	if (claims_sha512(r))
		s->sha512 = start_digest(r, EVP_sha512());
	s->asking = true;
	r->stream = s;
	request_name_hold(r);
	r->path = arena_strdup(r->arena, r->path); /* the buffer moves */
	s->sends = r->op->opening;
	return STREAM_SEND;
}

static void
read_part(struct request *r)
{
	if (r->stream->parts > 0)
		connection_receive_on(r->client);
	else
		connection_receive(r->client, r->op->body_max, STREAM_PART);
}

void
stream_learn(struct request *r, const PGresult *res)
{
	struct stream *s = r->stream;

	s->asking = false;
	r->body = NULL;
	r->body_len = 0;
	if (s->id == NULL && PQntuples(res) == 1 &&
	    rows_first(res, "stream") != NULL)
		s->id = arena_strdup(r->arena, rows_first(res, "stream"));
	if (s->id == NULL)
		(void)fail(r, PROBLEM_INTERNAL, NULL);
}

const char *
stream_argument(const struct request *r, enum source_kind kind)
{
	const struct stream *s = r->stream;

	assert(s != NULL);
	switch (kind) {
	case FROM_STREAM:
		return s->id;
	case FROM_PART:
		return s->number;
	case FROM_SIZE:
		return s->size_bytes;
	default:
		return s->digests;
	}
}

static EVP_MD_CTX *
start_digest(struct request *r, const EVP_MD *algorithm)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();

	if (md == NULL || EVP_DigestInit_ex(md, algorithm, NULL) != 1)
		abort();
	arena_defer(r->arena, forget_digest, md);
	return md;
}

static void
forget_digest(void *md)
{
	EVP_MD_CTX_free(md);
}

/* Whether somebody will ask for it: it is half the work of hashing. */
static bool
claims_sha512(const struct request *r)
{
	size_t i;

	for (i = 0; i < r->op->nparams; i++)
		if (r->op->params[i].in == IN_HEADER && r->args[i] != NULL &&
		    strstr(r->args[i], "\"sha-512\"") != NULL)
			return true;
	return false;
}

static void
take_part(struct request *r)
{
	struct stream *s = r->stream;

	r->body = r->msg->body;
	r->body_len = r->msg->body_len;
	s->kept = s->asking = true;
	s->bytes += r->body_len;
	snprintf(s->number, sizeof(s->number), "%zu", ++s->parts);
	if (EVP_DigestUpdate(s->sha256, r->body, r->body_len) != 1 ||
	    (s->sha512 != NULL &&
		EVP_DigestUpdate(s->sha512, r->body, r->body_len) != 1))
		abort();
	r->attempts = 0;
	s->sends = r->op->part;
}

static void
finish(struct request *r)
{
	struct stream *s = r->stream;

	r->attempts = 0;
	snprintf(s->size_bytes, sizeof(s->size_bytes), "%zu", s->bytes);
	s->sha256_hex = hex_digest(r, s->sha256);
	s->digests =
	    arena_printf(r->arena, "{\"sha-256\":\"%s\"}", s->sha256_hex);
	if (s->sha512 != NULL)
		s->digests = arena_printf(r->arena,
		    "{\"sha-256\":\"%s\",\"sha-512\":\"%s\"}", s->sha256_hex,
		    hex_digest(r, s->sha512));
}

static const char *
hex_digest(struct request *r, EVP_MD_CTX *ctx)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned int  len = 0;
	char	     *hex;

	if (EVP_DigestFinal_ex(ctx, md, &len) != 1)
		abort();
	hex = arena_alloc(r->arena, 2 * (size_t)len + 1);
	(void)hex_encode(hex, md, len);
	return hex;
}
