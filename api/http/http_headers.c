/*
 * Header fields by name (RFC 9110 5.3). Lists may be sent on several lines;
 * of a field with one value a second line is refused: two readers could each
 * take another one.
 */
#include <string.h>
#include <strings.h>

#include "http_headers.h"

#define SINGLE(name)                                            \
	{                                                       \
		name, sizeof(name) - 1, name " is given twice." \
	}

/* Not traceparent: one that cannot be read is replaced, never refused. */
static const struct {
	const char *name;
	size_t	    len;
	const char *fault;
} singles[] = {
	SINGLE("Host"),
	SINGLE("Content-Length"),
	SINGLE("Content-Type"),
	SINGLE("Content-Disposition"),
	SINGLE("Authorization"),
	SINGLE("Idempotency-Key"),
	SINGLE("Origin"),
};

#define NSINGLES (sizeof(singles) / sizeof(singles[0]))

const char *
http_repeated(const char *name, size_t len, unsigned *seen)
{
	size_t i;

	for (i = 0; i < NSINGLES; i++)
		if (len == singles[i].len &&
		    strncasecmp(name, singles[i].name, len) == 0)
			break;
	if (i == NSINGLES)
		return NULL;
	if (*seen & 1U << i)
		return singles[i].fault;
	*seen |= 1U << i;
	return NULL;
}

const char *
http_header(const struct http_message *msg, const char *name)
{
	size_t i;

	for (i = 0; i < msg->nheaders; i++)
		if (strcasecmp(msg->header[i].name, name) == 0)
			return msg->header[i].value;
	return NULL;
}

/* Most often there is one line, which is the list as it stands. */
const char *
http_header_list(struct arena *arena, const struct http_message *msg,
    const char *name)
{
	const char *list = NULL;
	size_t	    i;

	for (i = 0; i < msg->nheaders; i++) {
		if (strcasecmp(msg->header[i].name, name) != 0)
			continue;
		list = list == NULL ?
		    msg->header[i].value :
		    arena_printf(arena, "%s, %s", list, msg->header[i].value);
	}
	return list;
}
