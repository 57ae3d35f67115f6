/*
 * Header fields by name (RFC 9110 5.3). Lists may be sent on several lines;
 * of a field with one value a second line is refused: two readers could each
 * take another one. Each member of a list is work, so there are not many.
 */
#include <string.h>
#include <strings.h>

#include "builder.h"
#include "http_headers.h"

#define SINGLE(name)                                                   \
	{                                                              \
		name, 1, name " is given twice.", HTTP_HEAD_MAX, NULL, \
	}
#define LIST(name)                                                         \
	{                                                                  \
		name, HTTP_LIST_MAX, name " lists more than 100 members.", \
		    HTTP_HEAD_MAX, NULL,                                   \
	}
/* Each may have many parameters, and these are work, too. */
#define WITH_PARAMETERS(name, max, many)                                       \
	{                                                                      \
		name, max, name many, 6000, name " is longer than 6000 bytes." \
	}

/* Not traceparent: one that cannot be read is replaced, never refused. */
static const struct {
	const char *name;
	size_t	    max;
	const char *fault;
	size_t	    bytes;
	const char *too_long;
} known[] = {
	SINGLE("Host"),
	SINGLE("Content-Length"),
	WITH_PARAMETERS("Content-Type", 1, " is given twice."),
	SINGLE("Content-Disposition"),
	SINGLE("Authorization"),
	SINGLE("Idempotency-Key"),
	SINGLE("Origin"),
	WITH_PARAMETERS("Accept", HTTP_LIST_MAX,
	    " lists more than 100 members."),
	LIST("Connection"),
	LIST("If-Match"),
	LIST("If-None-Match"),
	LIST("Repr-Digest"),
	LIST("Content-Digest"),
};

_Static_assert(sizeof(known) / sizeof(known[0]) == HTTP_KNOWN,
    "each field has a place where it is counted");

const char *
http_count_field(const struct http_header *field, struct http_seen *seen,
    int *status)
{
	const char *p = field->value;
	size_t	    i, members = 1;

	for (i = 0; i < HTTP_KNOWN; i++)
		if (strcasecmp(field->name, known[i].name) == 0)
			break;
	if (i == HTTP_KNOWN)
		return NULL;
	if (known[i].max > 1)
		for (; members <= known[i].max && (p = strchr(p, ',')) != NULL;
		     p++)
			members++;
	seen->members[i] += members;
	seen->bytes[i] += strlen(field->value);
	*status = known[i].max > 1 ? 431 : 400;
	if (seen->members[i] > known[i].max)
		return known[i].fault;
	*status = 431;
	return seen->bytes[i] > known[i].bytes ? known[i].too_long : NULL;
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
	struct builder joined = { .arena = arena };
	const char    *first = NULL;
	size_t	       i;

	for (i = 0; i < msg->nheaders; i++) {
		if (strcasecmp(msg->header[i].name, name) != 0)
			continue;
		if (first == NULL) {
			first = msg->header[i].value;
			continue;
		}
		if (joined.len == 0)
			builder_add(&joined, first);
		builder_add(&joined, ", ");
		builder_add(&joined, msg->header[i].value);
	}
	return joined.len > 0 ? builder_text(&joined) : first;
}
