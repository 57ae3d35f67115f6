/*
 * Requests per minute and caller.
 */
#include "bucket.h"
#include "limit.h"
#include "monotonic.h"
#include "request.h"
#include "request_settings.h"

#define PLACES 16384

static struct buckets buckets;

/* The public is not told apart here: the proxy in front limits addresses. */
bool
limit_take(struct request *r)
{
	struct bucket_state state;
	char		    key[CALLER_KEY_MAX];
	bool		    allowed;

	if (request_settings->rate_limit == 0 ||
	    r->caller.kind == CALLER_PUBLIC)
		return true;
	if (buckets.places == 0)
		bucket_start(&buckets, (double)request_settings->rate_limit, 60,
		    PLACES);
	caller_key(&r->caller, key);
	allowed = bucket_take(&buckets, key, monotonic_us(), &state);
	r->quota_left = (long)state.left;
	/* until there is one more (draft-ietf-httpapi-ratelimit-headers-10) */
	r->quota_reset = (long)state.until + 1;
	return allowed;
}
