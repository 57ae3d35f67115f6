/*
 * Who a request is: its own id, and its place in a trace (W3C Trace Context).
 */
#include <sys/random.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "http_headers.h"
#include "request.h"
#include "text.h"
#include "trace.h"
#include "wall_clock.h"

static void continue_trace(struct request *);

/* A random number per process and a count; the span is a hash of both. */
void
request_identify(struct request *r)
{
	static uint64_t seed[2], count;

	if (count++ == 0 && getrandom(seed, sizeof(seed), 0) != sizeof(seed))
		seed[0] =
		    (uint64_t)wall_clock_seconds() << 20 ^ (uint64_t)getpid();
	text_add_hex(text_add_hex(r->id, seed[0]), seed[1] + count);
	text_add_hex(r->span,
	    seed[0] ^ (seed[1] + count) * 0x9e3779b97f4a7c15u);
	continue_trace(r);
}

/*
 * W3C Trace Context: version "-" trace "-" parent "-" flags. A valid one is
 * continued; of a higher version (not ff) what we know of it; others are not.
 */
static void
continue_trace(struct request *r)
{
	const char *parent = NULL;
	size_t	    i;

	memcpy(r->trace, r->id, TRACE_ID_LEN);
	if (r->msg != NULL)
		parent = http_header(r->msg, "traceparent");
	if (parent == NULL || strlen(parent) < 55 ||
	    strncmp(parent, "ff", 2) == 0 ||
	    (parent[55] != '\0' &&
		(strncmp(parent, "00", 2) == 0 || parent[55] != '-')))
		return;
	for (i = 0; i < 55; i++)
		if (i == 2 || i == 35 || i == 52 ?
			parent[i] != '-' :
			strchr("0123456789abcdef", parent[i]) == NULL)
			return;
	if (strspn(parent + 3, "0") == TRACE_ID_LEN ||
	    strspn(parent + 36, "0") == SPAN_ID_LEN)
		return;
	memcpy(r->trace, parent + 3, TRACE_ID_LEN);
	memcpy(r->parent, parent + 36, SPAN_ID_LEN);
	r->unsampled = strchr("02468ace", parent[54]) != NULL;
}
