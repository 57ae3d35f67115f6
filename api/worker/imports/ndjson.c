/*
 * A line that is too long is passed over without being kept.
 */
#include <string.h>

#include "ndjson.h"

static bool is_blank(const char *, size_t);
static void pass_over(struct ndjson *, struct import_text *, size_t);

enum import_found
ndjson_next(struct ndjson *n, struct import_text *t, struct import_record *r)
{
	const char *text, *end;
	size_t	    len;

	for (;;) {
		import_text_take(t, n->given);
		n->given = 0;
		text = import_text_at(t, &len);
		if (len == 0 && t->ended && n->too_long == 0)
			return IMPORT_END;
		end = memchr(text + n->scanned, '\n', len - n->scanned);
		if (end == NULL && len > IMPORT_RECORD_MAX) {
			pass_over(n, t, len);
			continue;
		}
		if (end == NULL && !t->ended) {
			n->scanned = len;
			return IMPORT_MORE;
		}
		*r = (struct import_record){ .line = t->line, .text = text };
		r->len = end == NULL ? len : (size_t)(end - text);
		n->given = r->len + (end != NULL);
		n->scanned = 0;
		if (n->too_long != 0 || r->len > IMPORT_RECORD_MAX) {
			r->line = n->too_long != 0 ? n->too_long : t->line;
			r->code = "maxLength";
			r->fault = "The line has more than 65536 bytes.";
			n->too_long = 0;
			return IMPORT_RECORD;
		}
		if (!is_blank(text, r->len))
			return IMPORT_RECORD;
	}
}

static bool
is_blank(const char *text, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r')
			return false;
	return true;
}

static void
pass_over(struct ndjson *n, struct import_text *t, size_t len)
{
	if (n->too_long == 0)
		n->too_long = t->line;
	n->scanned = 0;
	import_text_take(t, len);
}
