/*
 * Requests per minute and caller: a token bucket each, in a fixed table of
 * this process. A caller that shares its place with another one takes it over
 * with a full bucket: the table forgets, it never refuses the wrong caller.
 */
#include <string.h>

#include "limit.h"
#include "monotonic.h"
#include "request.h"
#include "request_settings.h"

#define BUCKETS 16384 /* power of two */

struct bucket {
	enum caller_kind kind;
	char		 id[CALLER_ID_MAX];
	double		 left;
	double		 at; /* monotonic seconds */
};

static struct bucket buckets[BUCKETS];

static struct bucket *
find(const struct caller *caller)
{
	unsigned    hash = (unsigned)caller->kind * 2654435761u;
	const char *p;

	for (p = caller->id; *p != '\0'; p++)
		hash = (hash ^ (unsigned char)*p) * 16777619u;
	return &buckets[(hash ^ hash >> 15) & (BUCKETS - 1)];
}

/* The public is not told apart here: the proxy in front limits addresses. */
bool
limit_take(struct request *r)
{
	double	       rate = (double)request_settings->rate_limit / 60, now;
	struct bucket *b;
	bool	       allowed;

	if (request_settings->rate_limit == 0 ||
	    r->caller.kind == CALLER_PUBLIC)
		return true;
	now = (double)monotonic_us() / 1e6;
	b = find(&r->caller);
	if (b->at == 0 || b->kind != r->caller.kind ||
	    strcmp(b->id, r->caller.id) != 0) {
		b->kind = r->caller.kind;
		memcpy(b->id, r->caller.id, sizeof(b->id));
		b->left = (double)request_settings->rate_limit;
	} else {
		b->left += (now - b->at) * rate;
		if (b->left > (double)request_settings->rate_limit)
			b->left = (double)request_settings->rate_limit;
	}
	b->at = now;
	allowed = b->left >= 1;
	if (allowed)
		b->left--;
	r->quota_left = (long)b->left;
	/* until there is one more (draft-ietf-httpapi-ratelimit-headers-10) */
	r->quota_reset =
	    (long)(((double)r->quota_left + 1 - b->left) / rate) + 1;
	return allowed;
}
