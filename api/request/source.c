/*
 * The source of a request, seen through the proxies in front.
 */
#include <string.h>

#include "connection_source.h"
#include "http_headers.h"
#include "network.h"
#include "request.h"
#include "source.h"

static const char *last_member(const char *, size_t *);

const char *
source_of(const struct request *r)
{
	const char    *list, *member;
	char	      *text;
	size_t	       len;
	struct network n;

	if (r->msg == NULL || !connection_is_proxy(r->client))
		return connection_source(r->client);
	list = http_header_list(r->arena, r->msg, "x-forwarded-for");
	if (list == NULL)
		return connection_source(r->client);
	len = strlen(list);
	while ((member = last_member(list, &len)) != NULL) {
		if (!network_read(member, strcspn(member, ", \t"), &n))
			break;
		n.family = network_unmap(n.family, n.address);
		if (connection_trusts(n.family, n.address))
			continue;
		text = arena_alloc(r->arena, NETWORK_TEXT);
		network_source(n.family, n.address, text);
		return text;
	}
	return connection_source(r->client);
}

/* Of the first len bytes, which it shortens to what stands before. */
static const char *
last_member(const char *list, size_t *len)
{
	const char *end = list + *len, *start;

	while (end > list && strchr(", \t", end[-1]) != NULL)
		end--;
	for (start = end; start > list && strchr(", \t", start[-1]) == NULL;
	     start--)
		;
	*len = (size_t)(start - list);
	return start == end ? NULL : start;
}
